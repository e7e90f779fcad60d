"""A second round of files, written after the first was heard, to see what else is missed."""

import json

from consent_codes import WHO, cells, three
from consent_exports import Shape, lines, workbook

SECOND = {
    "Sailthru, vars and lists": Shape(
        "sailthru_users.csv",
        f"{WHO},optout_email,engagement\n" + cells("none,engaged", "blast,dormant", "none,active"),
    ),
    "Zoho Campaigns, contact status": Shape(
        "zoho_list.csv", f"{WHO},Contact Status\n" + cells("ACTIVE", "UNSUB", "ACTIVE")
    ),
    "Acoustic, dates of opting out": Shape(
        "acoustic.csv",
        f"{WHO},Opt In Date,Opted Out,Opted Out Date\n"
        + cells("2025-01-01,F,", "2025-01-01,T,2026-05-01", "2025-01-01,F,"),
    ),
    "Customer.io, subscription preferences": Shape(
        "cio_people.json",
        three(
            lambda n: {
                "id": f"<i{n}>",
                "email": f"<e{n}>",
                "cio_subscription_preferences": {"topics": {"topic_1": n != 1, "topic_2": True}},
            }
        ),
    ),
    "Segment, context of consent": Shape(
        "segment_users.ndjson",
        lines(
            *(
                json.dumps(
                    {
                        "userId": f"<i{n}>",
                        "traits": {"email": f"<e{n}>"},
                        "context": {
                            "consent": {"categoryPreferences": {"Advertising": n != 1, "X": True}}
                        },
                    }
                )
                for n in range(3)
            )
        ),
    ),
    "Postscript, keyword replies": Shape(
        "postscript_messages.csv",
        lines(
            "phone,direction,message_body,created_at",
            "<p0>,inbound,YES,2026-05-01 10:00",
            "<p1>,inbound,Stop.,2026-05-01 10:00",
            "<p2>,inbound,thanks a lot for it,2026-05-01 10:00",
        ),
    ),
    "Ticketmaster, do not solicit": Shape(
        "archtics.csv", f"{WHO},Do Not Solicit,Email Bad\n" + cells("N,N", "Y,N", "N,N")
    ),
    "Tessitura, may be written to": Shape(
        "tessitura.csv", f"{WHO},MarketingByEmail,ShareData\n" + cells("Y,Y", "N,Y", "Y,Y")
    ),
    "Lightspeed eCom, German shop": Shape(
        "kundenexport.csv",
        lines(
            "Kundennummer;E-Mail;Newsletter;Letzte Bestellung",
            "<i0>;<e0>;angemeldet;2026-05-01",
            "<i1>;<e1>;abgemeldet;2026-05-01",
            "<i2>;<e2>;angemeldet;2026-05-01",
        ),
        encoding="cp1252",
    ),
    "Shopware, newsletter recipients": Shape(
        "newsletter_recipient.csv",
        lines(
            "id,email,status,confirmed_at",
            "1,<e0>,optIn,2025-01-01",
            "2,<e1>,optOut,2025-01-01",
            "3,<e2>,direct,2025-01-01",
        ),
    ),
    "PrestaShop, customers": Shape(
        "prestashop.csv",
        lines(
            "ID;Email address;Newsletter;Partner offers (opt in)",
            "<i0>;<e0>;1;1",
            "<i1>;<e1>;0;0",
            "<i2>;<e2>;1;1",
        ),
    ),
    "OpenCart, newsletter zero": Shape(
        "oc_customer.csv", "customer_id,email,newsletter,status\n" + cells("1,1", "0,1", "1,1")
    ),
    "SurveyMonkey, contacts": Shape(
        "sm_contacts.json",
        '{"data": '
        + three(lambda n: {"id": n, "email": f"<e{n}>", "status": ["active", "optedout"][n == 1]})
        + "}",
    ),
    "Qualtrics, a date of unsubscribing": Shape(
        "qualtrics.csv",
        "contactId,email,directoryUnsubscribed,directoryUnsubscribeDate\n"
        + cells("false,", "true,2026-05-01", "false,"),
    ),
    "Iubenda, proofs of consent": Shape(
        "iubenda.csv",
        lines(
            "subject_id,subject_email,preferences.newsletter,preferences.profiling,timestamp",
            "<i0>,<e0>,true,true,2026-05-01 10:00:00",
            "<i1>,<e1>,false,true,2026-05-01 10:00:00",
            "<i2>,<e2>,true,true,2026-05-01 10:00:00",
        ),
    ),
    "OneTrust, receipts": Shape(
        "onetrust.csv",
        lines(
            "Identifier,Purpose Name,Status,Interaction Date",
            "<e0>,Marketing,Active,2026-05-01",
            "<e1>,Marketing,Withdrawn,2026-05-01",
            "<e2>,Marketing,Active,2026-05-01",
        ),
    ),
    "Usercentrics, services": Shape(
        "usercentrics.json",
        three(
            lambda n: {
                "customer_id": f"<i{n}>",
                "email": f"<e{n}>",
                "services": [
                    {"name": "Facebook Pixel", "status": n != 1, "category": "marketing"},
                    {"name": "Payments", "status": True, "category": "essential"},
                ],
            }
        ),
    ),
    "Facebook lead ads, a tick": Shape(
        "leads_2026.csv",
        lines(
            "id,created_time,email,full_name,yes_please_send_me_offers",
            "l:1,2026-05-01,<e0>,Ana,checked",
            "l:2,2026-05-01,<e1>,Bo,unchecked",
            "l:3,2026-05-01,<e2>,Cy,checked",
        ),
    ),
    "French, cells of a form": Shape(
        "inscriptions.csv",
        lines(
            "numero_client;courriel;J'accepte de recevoir les offres par e-mail",
            "<i0>;<e0>;Oui",
            "<i1>;<e1>;Non merci",
            "<i2>;<e2>;Oui",
        ),
        encoding="cp1252",
    ),
    "Swedish": Shape(
        "medlemmar.csv",
        lines(
            "kundnummer;e-post;Vill ha nyhetsbrev;Tackat nej till reklam",
            "<i0>;<e0>;Ja;Nej",
            "<i1>;<e1>;Nej;Nej",
            "<i2>;<e2>;Ja;Ja",
        ),
        no=(1, 2),
    ),
    "Danish": Shape(
        "kunder.csv",
        lines(
            "kundenr;email;markedsføring;tilmeldt",
            "<i0>;<e0>;ja;2025-01-01",
            "<i1>;<e1>;nej;2025-01-01",
            "<i2>;<e2>;ja;2025-01-01",
        ),
    ),
    "Czech": Shape(
        "zakaznici.csv",
        lines("id;e-mail;souhlas s marketingem", "<i0>;<e0>;ano", "<i1>;<e1>;ne", "<i2>;<e2>;ano"),
    ),
    "Russian": Shape(
        "клиенты.csv",
        lines("id;email;согласие на рассылку", "<i0>;<e0>;да", "<i1>;<e1>;нет", "<i2>;<e2>;да"),
    ),
    "Greek letters, Japanese words": Shape(
        "顧客.csv",
        lines(
            "customer_id,email,メルマガ",
            "<i0>,<e0>,購読中",
            "<i1>,<e1>,配信停止",
            "<i2>,<e2>,購読中",
        ),
    ),
    "a workbook whose second sheet is the refusals by telephone": Shape(
        "Kontaktliste 2026.xlsx",
        workbook(
            ("Kunden", [["Kundennr", "E-Mail"], ["<i0>", "<e0>"], ["<i2>", "<e2>"]]),
            ("Nicht anrufen", [["Telefon", "seit"], ["<p1>", "2026-05-01"]]),
        ),
    ),
    "a note in another column": Shape(
        "support.csv",
        f"{WHO},comment\n"
        + cells("asked about delivery", "wants no more advertising", "sent a photo"),
    ),
    "Gmail labels, a segment of the lost": Shape(
        "export.csv", f"{WHO},Labels\n" + cells("VIP", "VIP ::: Do Not Mail", "New")
    ),
    "a flag that counts down": Shape(
        "pos_customers.csv", f"{WHO},mail_list\n" + cells("Y", "N", "Y")
    ),
    "POS, on the mailing list": Shape(
        "square.csv", f"{WHO},On mailing list?\n" + cells("Yes", "No", "Yes")
    ),
    "Mindbody, promotional e-mails": Shape(
        "mindbody.csv",
        f"{WHO},SendPromotionalEmails,SendAccountEmails\n"
        + cells("true,true", "false,true", "true,true"),
    ),
}
