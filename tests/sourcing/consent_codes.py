"""More files in which somebody says no: in codes, in nested choices, by rarer names and words.

Written by the same rules as `consent_exports`, after the products' own documentation, before the
code that hears them.
"""

import hashlib
import json

from consent_exports import Shape, lines, workbook


def hashed(name: str, column: str):
    """Give what writes a list of digests of one address."""

    def write(filled) -> bytes:
        digest = hashlib.new(name, filled("<e1>").encode()).hexdigest()
        return f"{column},reason\n{digest},user\n".encode()

    return write


def three(record) -> str:
    """Write one object a person, the first number 0."""
    return json.dumps([record(number) for number in range(3)])


def cells(*rows: str) -> str:
    """Write a row a person, led by their customer number and address."""
    return lines(*(f"<i{number}>,<e{number}>,{row}" for number, row in enumerate(rows)))


WHO = "customer_id,email"
CODED = {
    "OneSignal, types of notification": Shape(
        "onesignal_users.csv",
        lines(
            "external_user_id,email,session_count,device_type,notification_types,created_at",
            *("<i0>,<e0>,12,1,1,2025-01-01", "<i1>,<e1>,3,0,-2,2025-01-01"),
            "<i2>,<e2>,7,1,1,2025-01-01",
        ),
    ),
    "Magento, states of subscribers": Shape(
        "newsletter_subscriber.csv",
        lines(
            "subscriber_id,customer_id,subscriber_email,subscriber_status,change_status_at",
            *(f"{n},<i{n}>,<e{n}>,{'131'[n]},2026-05-01 10:00:00" for n in range(3)),
        ),
    ),
    "Responsys, in and out": Shape(
        "CONTACTS_LIST.csv",
        lines(
            "CUSTOMER_ID_,EMAIL_ADDRESS_,EMAIL_PERMISSION_STATUS_,EMAIL_FORMAT_",
            *("<i0>,<e0>,I,H", "<i1>,<e1>,O,H", "<i2>,<e2>,I,T"),
        ),
    ),
    "Emarsys, one and two": Shape(
        "emarsys_contacts.csv", "Customer ID,E-Mail,Opt-In\n" + cells("1", "2", "1")
    ),
    "ActiveCampaign, the API's lists": Shape(
        "contactLists.json",
        '{"contactLists": '
        + three(
            lambda n: {"contact": f"<i{n}>", "email": f"<e{n}>", "list": "1", "status": "121"[n]}
        )
        + "}",
    ),
    "a status of opting nobody explains": Shape(
        "loyalty_members.csv", f"{WHO},points,opt_status\n" + cells("10,1", "20,3", "5,1")
    ),
    "a status of subscribing in zeros and ones": Shape(
        "club_members.csv", f"{WHO},points,subscription_status\n" + cells("10,1", "20,0", "5,1")
    ),
    "CleverTap, switches of messages": Shape(
        "clevertap_profiles.csv",
        f"{WHO},MSG-email,MSG-push\n" + cells("true,true", "false,true", "true,true"),
    ),
    "Mailjet, kept out of campaigns": Shape(
        "mailjet_contacts.json",
        '{"Data": '
        + three(
            lambda n: {"ID": n, "Email": f"<e{n}>", "Name": "", "IsExcludedFromCampaigns": n == 1}
        )
        + "}",
    ),
    "Bloomreach, acts of consent": Shape(
        "consent_events.csv",
        lines(
            "customer_id,timestamp,category,action,valid_until",
            *("<i0>,1770000000,email_marketing,accept,unlimited",),
            *("<i1>,1770000000,email_marketing,reject,unlimited",),
            *("<i2>,1770000000,email_marketing,accept,unlimited",),
        ),
    ),
    "Didomi, purposes enabled and disabled": Shape(
        "didomi_users.ndjson",
        lines(
            *(
                json.dumps(
                    {
                        "user": {"email": f"<e{n}>", "id": f"<i{n}>"},
                        "consents": {
                            "purposes": {
                                "enabled": ["analytics"] + ["advertising"] * (n != 1),
                                "disabled": ["advertising"] * (n == 1),
                            }
                        },
                    }
                )
                for n in range(3)
            )
        ),
    ),
    "Twilio, error of a text message": Shape(
        "sms-log.csv",
        lines(
            "Sid,To,From,Status,ErrorCode,DateSent,Body",
            *("S0,<p0>,+15005550006,delivered,,2026-05-01 10:00,our sale begins today",),
            *("S1,<p1>,+15005550006,failed,21610,2026-05-01 10:00,our sale begins today",),
            *("S2,<p2>,+15005550006,undelivered,30003,2026-05-01 10:00,our sale begins today",),
        ),
    ),
    "SimpleTexting, a status with an underscore": Shape(
        "sms_contacts.csv",
        lines("Phone,Email,Subscription Status", "<p0>,<e0>,SUBSCRIBED", "<p1>,<e1>,OPT_OUT"),
    ),
    "Klaviyo, the API's profiles": Shape(
        "profiles.json",
        '{"data": '
        + three(
            lambda n: {
                "id": f"<i{n}>",
                "attributes": {
                    "email": f"<e{n}>",
                    "subscriptions": {
                        "email": {
                            "marketing": {
                                "can_receive_email_marketing": n != 1,
                                "suppression": [{"reason": "HARD_BOUNCE"}] * (n == 1),
                            }
                        }
                    },
                },
            }
        )
        + "}",
    ),
    "Eventbrite, a question at checkout": Shape(
        "report-attendees.csv",
        lines(
            "Order #,Order Date,Email,First Name,Quantity,"
            "Would you like to receive emails about future events?",
            *("1,2026-05-01,<e0>,Ana,1,Yes", "2,2026-05-01,<e1>,Bo,1,No"),
            "3,2026-05-01,<e2>,Cy,2,Yes",
        ),
    ),
    "Spektrix, may be reached by": Shape(
        "spektrix customers.csv",
        "Customer Id,Email,Can contact by email,Can contact by post\n" + cells("Y,Y", "N,Y", "Y,N"),
    ),
    "Punchh, subscriptions of a loyalty club": Shape(
        "punchh_guests.csv",
        f"{WHO},marketing_email_subscription,marketing_pn_subscription,points\n"
        + cells("true,true,5", "false,true,9", "true,false,1"),
    ),
    "Toast, opted in to marketing": Shape(
        "toast_guests.csv",
        f"{WHO},Opted in to marketing,Visits\n" + cells("Yes,5", "No,9", "Yes,1"),
    ),
    "Lightspeed, no e-mail": Shape(
        "lightspeed_customers.csv", f"{WHO},noEmail,noPhone\n" + cells("false,f", "true,f", ",f")
    ),
    "Square, subscription of e-mail": Shape(
        "export-customers.csv",
        "Reference ID,Email Address,Email Subscription Status,Transaction Count\n"
        + cells("subscribed,2", "unsubscribed,3", "unknown,1"),
    ),
    "LimeSurvey, participants": Shape(
        "tokens_1.csv",
        lines(
            "tid,email,emailstatus,token,completed",
            *("1,<e0>,OK,aa,N", "2,<e1>,OptOut,bb,N", "3,<e2>,OK,cc,2026-05-01"),
        ),
    ),
    "a question of a survey, in German": Shape(
        "umfrage.csv",
        lines(
            "Kundennummer;E-Mail;Dürfen wir Sie per E-Mail über Angebote informieren?",
            *("<i0>;<e0>;Ja, gerne", "<i1>;<e1>;Nein, danke", "<i2>;<e2>;Ja, gerne"),
        ),
        encoding="cp1252",
    ),
    "a question of a survey, answered in a sentence": Shape(
        "responses.csv",
        f"{WHO},Do you consent to be contacted by email for marketing purposes?\n"
        + cells("Yes I do", '"No, thanks"', "Yes I do"),
    ),
    "I do not agree": Shape(
        "form_answers.csv",
        f"{WHO},Marketing consent\n" + cells("I agree", "I do not agree", "I agree"),
    ),
    "RD Station": Shape(
        "leads-rd.csv",
        lines(
            "Id,Email,Nome,Autoriza comunicação",
            *("<i0>,<e0>,Ana,Sim", "<i1>,<e1>,Bo,Não", "<i2>,<e2>,Cy,Sim"),
        ),
    ),
    "Spanish, wants to receive": Shape(
        "socios.csv",
        lines(
            "id_socio;correo;desea recibir ofertas;suscrito al boletín",
            *("<i0>;<e0>;Sí;Sí", "<i1>;<e1>;No;Sí", "<i2>;<e2>;Sí;No"),
        ),
        no=(1, 2),
        encoding="cp1252",
    ),
    "French, opposed": Shape(
        "adhérents.csv",
        lines(
            "numero_client;courriel;Opposition e-mailing;Refus démarchage",
            *("<i0>;<e0>;Non;Non", "<i1>;<e1>;Oui;Non", "<i2>;<e2>;Non;Oui"),
        ),
        no=(1, 2),
        encoding="cp1252",
    ),
    "German, cancelled on": Shape(
        "Adressen.csv",
        lines(
            "Kundennr;E-Mail;Newsletter abbestellt am;Kontaktsperre",
            *("<i0>;<e0>;;", "<i1>;<e1>;01.05.2026;", "<i2>;<e2>;;J"),
        ),
        no=(1, 2),
        encoding="cp1252",
    ),
    "German, barred for advertising": Shape(
        "Stammdaten.csv",
        lines(
            "Kundennr;E-Mail;Mailingsperre;Keine Werbung",
            *("<i0>;<e0>;0;0", "<i1>;<e1>;1;0", "<i2>;<e2>;0;1"),
        ),
        no=(1, 2),
        encoding="cp1252",
    ),
    "a workbook with a sheet of the barred": Shape(
        "Verteiler.xlsx",
        workbook(
            ("Kontakte", [["Kundennummer", "E-Mail"], ["<i0>", "<e0>"], ["<i2>", "<e2>"]]),
            ("Gesperrt", [["Kundennummer", "E-Mail"], ["<i1>", "<e1>"]]),
        ),
    ),
    "a workbook with codes on its second sheet": Shape(
        "mailing list.xlsx",
        workbook(
            ("About", [["Exported", "By"], ["2026-05-01", "crm"]]),
            (
                "Subscribers",
                [
                    ["id", "email", "status"],
                    *(["<i0>", "<e0>", 1], ["<i1>", "<e1>", -1], ["<i2>", "<e2>", 1]),
                ],
            ),
        ),
    ),
    "MD5 of the suppressed": Shape("suppression_md5.csv", hashed("md5", "md5")),
    "SHA-256 in a folder of the suppressed": Shape(
        "suppressed/2026.csv", hashed("sha256", "em_sha256")
    ),
    "mParticle, states of consent": Shape(
        "mparticle.json",
        three(
            lambda n: {
                "customer_id": f"<i{n}>",
                "email": f"<e{n}>",
                "consent_state": {"gdpr": {"marketing": {"consented": n != 1}}},
            }
        ),
    ),
    "a list of choices": Shape(
        "account_settings.json",
        three(
            lambda n: {
                "customer_id": f"<i{n}>",
                "email": f"<e{n}>",
                "preferences": [
                    {"name": "receipts", "enabled": True},
                    {"name": "marketing", "enabled": n != 1},
                ],
            }
        ),
    ),
    "signals of a browser": Shape(
        "web_users.csv", f"{WHO},us_privacy,gpc\n" + cells("1YNN,0", "1YYN,0", "1YNN,1"), no=(1, 2)
    ),
    "limits of a phone": Shape(
        "app_users.csv",
        f"{WHO},limit_ad_tracking,att_status\n" + cells("false,3", "true,3", "false,2"),
        no=(1, 2),
    ),
    "Ghost, members": Shape(
        "members.2026-05-01.csv",
        lines(
            "id,email,name,note,subscribed_to_emails,complimentary_plan,created_at",
            *("<i0>,<e0>,Ana,,true,false,2025-01-01", "<i1>,<e1>,Bo,,false,false,2025-01-01"),
            "<i2>,<e2>,Cy,,true,true,2025-01-01",
        ),
    ),
    "Kit, subscribers who left": Shape(
        "kit_subscribers.csv",
        lines(
            "id,email,first_name,state,created_at",
            *("<i0>,<e0>,Ana,active,2025-01-01", "<i1>,<e1>,Bo,cancelled,2025-01-01"),
            "<i2>,<e2>,Cy,active,2025-01-01",
        ),
    ),
    "a consent withdrawn at": Shape(
        "patients.csv",
        f"{WHO},consent_given_at,consent_withdrawn_at\n"
        + cells("2025-01-01,", "2025-01-01,2026-05-01", "2025-01-01,"),
    ),
    "switches of an account": Shape(
        "users_settings.csv",
        f"{WHO},marketing_emails,receive_emails,email_notifications\n"
        + cells("true,true,true", "false,true,true", "true,false,true"),
        no=(1, 2),
    ),
    "may be e-mailed": Shape(
        "donor list.csv", f"{WHO},OK to email,Solicit\n" + cells("Y,Y", "N,Y", "Y,N"), no=(1, 2)
    ),
    "a declined consent to be written to": Shape(
        "guests.csv", f"{WHO},communication consent\n" + cells("Granted", "Declined", "Granted")
    ),
    "SAP, permission by a number": Shape(
        "sap_contacts.csv", f"{WHO},MarketingPermissionStatus\n" + cells("1", "2", "1")
    ),
    "letters nobody explains": Shape(
        "mitglieder.csv", f"{WHO},Newsletter-Kennzeichen\n" + cells("A", "X", "A")
    ),
    "a history in numbers": Shape(
        "subscription_changes.csv",
        lines(
            "customer_id,email,changed_at,old_value,new_value",
            *("<i0>,<e0>,2026-05-01,0,1", "<i1>,<e1>,2026-05-01,1,2"),
            "<i2>,<e2>,2026-05-01,0,1",
        ),
    ),
}
