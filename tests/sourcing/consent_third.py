"""A third round, written after the second was heard: nine of its noes were missed then."""

from consent_codes import three
from consent_exports import Shape, lines

THIRD = {
    "Attentive": Shape(
        "attentive.csv",
        lines(
            "customer_id,email,Subscriber Status,Join Source",
            "<i0>,<e0>,Active,popup",
            "<i1>,<e1>,Opted Out,popup",
            "<i2>,<e2>,Active,popup",
        ),
    ),
    "Listrak": Shape(
        "listrak.csv",
        lines(
            "customer_id,email,Subscribe State,Unsubscribe Date",
            "<i0>,<e0>,Subscribed,",
            "<i1>,<e1>,Unsubscribed,2026-05-01",
            "<i2>,<e2>,Subscribed,",
        ),
    ),
    "dotdigital": Shape(
        "dotdigital.csv",
        lines(
            "customer_id,email,OptInType,Status",
            "<i0>,<e0>,Double,Subscribed",
            "<i1>,<e1>,Single,Unsubscribed",
            "<i2>,<e2>,Double,Subscribed",
        ),
    ),
    "Mailerlite": Shape(
        "mailerlite.csv",
        lines(
            "Subscriber,Sent,Opened,Unsubscribed",
            "<e0>,3,2,",
            "<e1>,3,2,2026-05-01 10:00:00",
            "<e2>,1,0,",
        ),
    ),
    "Drip": Shape(
        "drip.csv",
        lines(
            "customer_id,email,status,tags",
            "<i0>,<e0>,active,vip",
            "<i1>,<e1>,unsubscribed,vip",
            "<i2>,<e2>,active,new",
        ),
    ),
    "Freshsales": Shape(
        "freshsales.csv",
        lines(
            "Id,Email,Unsubscribed reason,Subscription types",
            "<i0>,<e0>,,Newsletter",
            "<i1>,<e1>,No longer interested,",
            "<i2>,<e2>,,Newsletter",
        ),
    ),
    "Insightly": Shape(
        "insightly.csv",
        lines(
            "Record Id,Email,Email Opted Out",
            "<i0>,<e0>,FALSE",
            "<i1>,<e1>,TRUE",
            "<i2>,<e2>,FALSE",
        ),
    ),
    "Copper": Shape(
        "copper.csv",
        lines(
            "customer_id,email,Email Marketing Opt-in,Contact Type",
            "<i0>,<e0>,Yes,Lead",
            "<i1>,<e1>,No,Lead",
            "<i2>,<e2>,Yes,Lead",
        ),
    ),
    "SugarCRM": Shape(
        "sugar.csv",
        lines(
            "customer_id,email,Email Opt Out,Invalid Email",
            "<i0>,<e0>,0,0",
            "<i1>,<e1>,1,0",
            "<i2>,<e2>,0,0",
        ),
    ),
    "Bitrix24, two columns": Shape(
        "bitrix.csv",
        lines(
            "ID;E-Mail;Kontakt erlaubt;Im Newsletter",
            "<i0>;<e0>;Ja;Ja",
            "<i1>;<e1>;Nein;Ja",
            "<i2>;<e2>;Ja;Nein",
        ),
        no=(1, 2),
    ),
    "Odoo": Shape(
        "odoo.csv",
        lines(
            "customer_id,email,is_blacklisted,message_bounce",
            "<i0>,<e0>,False,0",
            "<i1>,<e1>,True,0",
            "<i2>,<e2>,False,0",
        ),
    ),
    "Shopware, customers": Shape(
        "sw_customer.csv",
        lines(
            "customerNumber;email;newsletter;active",
            "<i0>;<e0>;1;1",
            "<i1>;<e1>;0;1",
            "<i2>;<e2>;1;1",
        ),
    ),
    "a restaurant's till": Shape(
        "resto.csv",
        lines(
            "customer_id,email,Guest accepts promos",
            "<i0>,<e0>,yes",
            "<i1>,<e1>,no",
            "<i2>,<e2>,yes",
        ),
    ),
    "SevenRooms": Shape(
        "sevenrooms.csv",
        lines(
            "customer_id,email,Marketing Opt-In (Venue),Tags",
            "<i0>,<e0>,true,",
            "<i1>,<e1>,false,",
            "<i2>,<e2>,true,VIP",
        ),
    ),
    "OpenTable": Shape(
        "opentable.csv",
        lines(
            "customer_id,email,Marketing Opted-out,Visits",
            "<i0>,<e0>,No,2",
            "<i1>,<e1>,Yes,2",
            "<i2>,<e2>,No,2",
        ),
    ),
    "Dice tickets": Shape(
        "dice.csv",
        lines(
            "Order ID,Email,Optin Venue Marketing,Optin Artist",
            "<i0>,<e0>,1,1",
            "<i1>,<e1>,0,1",
            "<i2>,<e2>,1,0",
        ),
        no=(1, 2),
    ),
    "Italian, tickets": Shape(
        "biglietti.csv",
        lines(
            "codice_cliente;email;Consenso newsletter;Privacy 2",
            "<i0>;<e0>;SI;SI",
            "<i1>;<e1>;NO;SI",
            "<i2>;<e2>;SI;SI",
        ),
    ),
    "Polish, two columns": Shape(
        "klienci.csv",
        lines(
            "id;email;Zgoda na marketing;RODO",
            "<i0>;<e0>;TAK;TAK",
            "<i1>;<e1>;NIE;TAK",
            "<i2>;<e2>;TAK;TAK",
        ),
    ),
    "Portuguese": Shape(
        "clientes_br.csv",
        lines(
            "id_cliente;email;Aceita receber promoções",
            "<i0>;<e0>;Sim",
            "<i1>;<e1>;Não",
            "<i2>;<e2>;Sim",
        ),
    ),
    "Dutch, may be mailed": Shape(
        "leden.csv",
        lines("lidnummer;e-mail;mag gemaild worden", "<i0>;<e0>;J", "<i1>;<e1>;N", "<i2>;<e2>;J"),
    ),
    "Turkish, the message system": Shape(
        "musteri.csv",
        lines(
            "musteri_no;email;İYS İzni;sms onay",
            "<i0>;<e0>;ONAY;ONAY",
            "<i1>;<e1>;RET;ONAY",
            "<i2>;<e2>;ONAY;ONAY",
        ),
    ),
    "Finnish": Shape(
        "asiakkaat.csv",
        lines(
            "asiakasnro;email;suoramarkkinointikielto",
            "<i0>;<e0>;ei",
            "<i1>;<e1>;kyllä",
            "<i2>;<e2>;ei",
        ),
    ),
    "Hungarian": Shape(
        "ugyfelek.csv",
        lines("ugyfel;email;hírlevél", "<i0>;<e0>;igen", "<i1>;<e1>;nem", "<i2>;<e2>;igen"),
    ),
    "a do not call register": Shape(
        "dnc_register_2026.csv", lines("phone_number,registered", "<p1>,2026-05-01")
    ),
    "CASL, a type of consent": Shape(
        "casl_members.csv",
        lines(
            "customer_id,email,CASL Consent Type",
            "<i0>,<e0>,Express",
            "<i1>,<e1>,None - Withdrawn",
            "<i2>,<e2>,Express",
        ),
    ),
    "questions and answers in JSON": Shape(
        "answers.json",
        three(
            lambda n: {
                "customer_id": f"<i{n}>",
                "email": f"<e{n}>",
                "answers": [
                    {"question": "May we email you offers?", "answer": ["Yes", "No"][n == 1]}
                ],
            }
        ),
    ),
    "Adobe Campaign": Shape(
        "acc.csv",
        lines(
            "customer_id,email,blackListEmail,blackListMobile",
            "<i0>,<e0>,0,0",
            "<i1>,<e1>,1,0",
            "<i2>,<e2>,0,0",
        ),
    ),
    "Meta, a question of a lead form": Shape(
        "meta_leads.csv",
        lines(
            "id,created_time,email,optional_marketing_consent",
            "l:1,2026-05-01,<e0>,true",
            "l:2,2026-05-01,<e1>,false",
            "l:3,2026-05-01,<e2>,true",
        ),
    ),
    "push and e-mail enabled": Shape(
        "tokens.csv",
        lines(
            "customer_id,email,push_enabled,email_enabled",
            "<i0>,<e0>,true,true",
            "<i1>,<e1>,true,false",
            "<i2>,<e2>,false,true",
        ),
    ),
}
