"""Files in which somebody says no, in the shapes of many products; no row is anybody's.

<e1> is the address of the shape's person 1, <p1> their telephone number, <i1> their customer
number, <n1> their name. Unless a shape says otherwise person 1 said no, 0 and 2 did not.
"""

import hashlib
import io
import json
from collections.abc import Callable
from typing import NamedTuple

import openpyxl


class Shape(NamedTuple):
    """A file, who said no in it, and who said yes nowhere but in it."""

    file: str
    text: str | Callable[[Callable[[str], str]], bytes]
    no: tuple[int, ...] = (1,)
    encoding: str = "utf-8"
    unasked: tuple[int, ...] = ()  # whose only yes could be this file, and it is none


def sha256(text: str) -> str:
    """Hash an address as lists of refusals are handed over."""
    return hashlib.sha256(text.encode()).hexdigest()


def lines(*rows: str) -> str:
    """Join lines as a file has them."""
    return "\n".join(rows) + "\n"


def workbook(*sheets: tuple, merged: str = "") -> Callable[[Callable[[str], str]], bytes]:
    """Give what writes a workbook: of each sheet its title and its rows."""

    def write(filled: Callable[[str], str]) -> bytes:
        book = openpyxl.Workbook()
        book.remove(book.active)
        for title, rows in sheets:
            sheet = book.create_sheet(title)
            for row in rows:
                sheet.append([filled(cell) if isinstance(cell, str) else cell for cell in row])
        if merged:
            book.worksheets[0].merge_cells(merged)
        content = io.BytesIO()
        book.save(content)
        return content.getvalue()

    return write


def nested(state: str, number: int) -> str:
    """Write a contact as an API answers it."""
    contact = {"email": f"<e{number}>", "id": f"<i{number}>"}
    return json.dumps({"contact": contact, "subscriptions": {"marketing": {"state": state}}})


MAILCHIMP = "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,LAST_CHANGED"
SHAPES = {
    "Mailchimp, cleaned": Shape(
        "cleaned_members_export_9f.csv",
        lines(
            f"{MAILCHIMP},CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,LEID,EUID",
            "<e1>,Bo,2,2025-01-01 09:00:00,2026-05-01 08:00:00,2026-05-02 08:00:00,May,2,e2",
        ),
    ),
    "Mailchimp, all in one file with a status": Shape(
        "audience_export.csv",
        lines(
            "Email Address,First Name,Status,Source,Date Added",
            "<e0>,Ana,Subscribed,Form,2026-05-01",
            "<e1>,Bo,Cleaned,Form,2026-05-01",
            "<e2>,Cy,Subscribed,Form,2026-05-01",
        ),
    ),
    "Klaviyo, suppressed profiles": Shape(
        "Suppressed Profiles.csv",
        lines(
            "Email,Phone Number,Suppression Reason,Suppression Timestamp,Global",
            "<e1>,,USER_SUPPRESSED,2026-05-01T10:00:00+00:00,true",
        ),
    ),
    "Klaviyo, profiles with several columns of consent": Shape(
        "all_profiles.csv",
        lines(
            "Email,Klaviyo ID,First Name,Phone Number,Profile Created On,Source,"
            "Email Marketing Consent,SMS Marketing Consent,Email Suppressions",
            "<e0>,K0,Ana,,2025-01-01,form,SUBSCRIBED,NEVER_SUBSCRIBED,",
            "<e1>,K1,Bo,,2025-01-01,form,SUBSCRIBED,NEVER_SUBSCRIBED,HARD_BOUNCE",
            "<e2>,K2,Cy,,2025-01-01,form,NEVER_SUBSCRIBED,NEVER_SUBSCRIBED,",
        ),
        unasked=(2,),
    ),
    "HubSpot, every kind of opt-out": Shape(
        "hubspot-all-contacts.csv",
        lines(
            "Record ID,First Name,Last Name,Email,Create Date,Unsubscribed from all email,"
            "Opted out of email: Newsletter,Email hard bounce reason",
            "1,Ana,A,<e0>,2025-01-01,false,,",
            "2,Bo,B,<e1>,2025-01-01,,true,",
            "3,Cy,C,<e2>,2025-01-01,No,,",
        ),
    ),
    "Salesforce, contacts": Shape(
        "Contact.csv",
        lines(
            "Id,FirstName,LastName,Email,Phone,HasOptedOutOfEmail,DoNotCall,CreatedDate",
            "003A,Ana,A,<e0>,,FALSE,FALSE,2025-01-01",
            "003B,Bo,B,<e1>,,TRUE,FALSE,2025-01-01",
            "003C,Cy,C,<e2>,,FALSE,FALSE,2025-01-01",
        ),
    ),
    "Braze, states of subscription": Shape(
        "braze_users.csv",
        lines(
            "external_id,email,email_subscribe,push_subscribe,created_at",
            "<i0>,<e0>,opted_in,subscribed,2025-01-01",
            "<i1>,<e1>,unsubscribed,subscribed,2025-01-01",
            "<i2>,<e2>,subscribed,unsubscribed,2025-01-01",
        ),
        no=(1, 2),
    ),
    "Shopify, customers": Shape(
        "customers_export.csv",
        lines(
            "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Phone,"
            "Accepts SMS Marketing,Total Spent,Total Orders,Tags,Tax Exempt",
            "<i0>,Ana,A,<e0>,yes,,no,20.00,1,,no",
            "<i1>,Bo,B,<e1>,no,,no,20.00,1,,no",
            "<i2>,Cy,C,<e2>,yes,,no,20.00,1,vip,no",
        ),
    ),
    "Shopify, a tag": Shape(
        "shop members.csv",
        lines(
            "Customer ID,Email,Phone,Tags,Created at",
            "<i0>,<e0>,,vip,2025-01-01",
            '<i1>,<e1>,,"vip, newsletter-unsubscribed",2025-01-01',
            "<i2>,<e2>,,new,2025-01-01",
        ),
    ),
    "objections, names and numbers only": Shape(
        "GDPR objections 2026.csv", lines("Name,Telephone", "<n1>,<p1>")
    ),
    "Widersprüche, ein Arbeitsblatt": Shape(
        "Widersprüche.xlsx", workbook(("Tabelle1", [["Name", "Telefon"], ["<n1>", "<p1>"]]))
    ),
    "right to be forgotten": Shape(
        "erasure_requests.csv", lines("ticket,email,received", "T1,<e1>,2026-05-01")
    ),
    "double opt-in, one of them pending": Shape(
        "newsletter_signups.csv",
        lines(
            "email,signup_date,status",
            "<e0>,2026-01-01,confirmed",
            "<e1>,2026-01-01,unsubscribed",
            "<e2>,2026-01-01,pending",
        ),
        unasked=(2,),
    ),
    "preference centre, a column a purpose": Shape(
        "preference_center.csv",
        lines(
            "customer_id,email,newsletter,product_updates,partner_offers,unsubscribe_all",
            "<i0>,<e0>,1,1,0,0",
            "<i1>,<e1>,1,1,1,1",
            "<i2>,<e2>,1,1,1,0",
        ),
    ),
    "preference centre, a column a channel": Shape(
        "contact_preferences.csv",
        lines(
            "customer_id,email,email_allowed,sms_allowed,phone_allowed,post_allowed",
            "<i0>,<e0>,1,0,0,0",
            "<i1>,<e1>,0,0,0,0",
            "<i2>,<e2>,1,1,1,1",
        ),
    ),
    "ja und nein": Shape(
        "Kunden.csv",
        lines(
            "Kundennr;E-Mail;Vorname;Werbung erlaubt",
            "<i0>;<e0>;Ana;Ja",
            "<i1>;<e1>;Bo;Nein",
            "<i2>;<e2>;Cy;Ja",
        ),
        encoding="cp1252",
    ),
    "oui et non": Shape(
        "clients.csv",
        lines(
            "numero_client;courriel;prenom;désabonné;date_creation",
            "<i0>;<e0>;Ana;Non;2025-01-01",
            "<i1>;<e1>;Bo;Oui;2025-01-01",
            "<i2>;<e2>;Cy;Non;2025-01-01",
        ),
    ),
    "sí y no": Shape(
        "clientes.csv",
        lines(
            "id_cliente,correo,nombre,acepta_publicidad,fecha_baja",
            "<i0>,<e0>,Ana,sí,",
            "<i1>,<e1>,Bo,no,",
            "<i2>,<e2>,Cy,sí,2026-05-01",
        ),
        no=(1, 2),
    ),
    "Y and N": Shape(
        "members.csv",
        lines(
            "member_id,email,MKT_OPTIN,joined",
            *(f"<i{n}>,<e{n}>,{'YNY'[n]},2025-01-01" for n in range(3)),
        ),
    ),
    "a tick under do not e-mail": Shape(
        "crm contacts.csv",
        lines(
            "contact_id,email,Do not email,created",
            "<i0>,<e0>,,2025-01-01",
            "<i1>,<e1>,✓,2025-01-01",
            "<i2>,<e2>,FALSE,2025-01-01",
        ),
    ),
    "a tick under allowed": Shape(
        "people.csv",
        lines("customer_id,email,marketing allowed", "<i0>,<e0>,✓", "<i1>,<e1>,✗", "<i2>,<e2>,✓"),
    ),
    "dates under unsubscribed_at": Shape(
        "subscribers.csv",
        lines(
            "email,subscribed_at,unsubscribed_at",
            "<e0>,2025-01-01,",
            "<e1>,2025-01-01,31.05.2026 10:00",
            "<e2>,2025-01-01,",
        ),
    ),
    "a name that denies": Shape(
        "profiles.csv",
        lines(
            "user_id,email,not_unsubscribed", "<i0>,<e0>,true", "<i1>,<e1>,false", "<i2>,<e2>,true"
        ),
    ),
    "merged cells": Shape(
        "kontakte.xlsx",
        workbook(
            (
                "Kontakte",
                [
                    ["Kundennummer", "E-Mail", "Status"],
                    ["<i0>", "<e0>", "aktiv"],
                    ["<i2>", "<e2>", "abgemeldet"],
                    ["<i1>", "<e1>", None],
                ],
            ),
            merged="C3:C4",
        ),
        no=(1, 2),
    ),
    "a sheet of opt-outs in a workbook": Shape(
        "newsletter.xlsx",
        workbook(
            ("Contacts", [["email", "first_name"], ["<e0>", "Ana"], ["<e2>", "Cy"]]),
            ("Opt-outs", [["email", "first_name"], ["<e1>", "Bo"]]),
        ),
    ),
    "a first sheet of opt-outs": Shape(
        "newsletter people.xlsx",
        workbook(("Unsubscribed", [["email", "first_name"], ["<e1>", "Bo"]])),
    ),
    "a folder of opt-outs": Shape(
        "unsubscribed/2026-05.csv", lines("email,first_name,date", "<e1>,Bo,2026-05-01")
    ),
    "UTF-16 with tabs": Shape(
        "unsubscribes.txt", lines("Email\tDate", "<e1>\t2026-05-01"), encoding="utf-16"
    ),
    "no header": Shape("unsubscribed list.csv", lines("<e1>", "someone@example.net")),
    "nested lines of JSON": Shape(
        "contacts.ndjson", lines(nested("SUBSCRIBED", 0), nested("UNSUBSCRIBED", 1))
    ),
    "JSON, one list each": Shape(
        "audience.json",
        json.dumps({"subscribed": [{"email": "<e0>"}], "unsubscribed": [{"email": "<e1>"}]}),
    ),
    "Mailgun, unsubscribes": Shape(
        "mailgun unsubscribes.json",
        json.dumps({"items": [{"address": "<e1>", "tags": ["*"], "created_at": "2026-05-01"}]}),
    ),
    "opt-outs by telephone, accounts by e-mail": Shape(
        "sms_optouts.csv", lines("phone,opted_out_at", "<p1>,2026-05-01")
    ),
    "Twilio, messages": Shape(
        "sms_messages.csv",
        lines(
            "Sid,From,To,Body,Date Sent",
            "S0,<p0>,+15005550006,thank you for the cups,2026-05-01 10:00",
            "S1,<p1>,+15005550006,STOP,2026-05-01 10:00",
            "S2,<p2>,+15005550006,when are you open today,2026-05-01 10:00",
        ),
    ),
    "SendGrid, events": Shape(
        "sendgrid_events.json",
        "["
        + ",".join(
            json.dumps({"email": f"<e{n}>", "timestamp": 1770000000 + n, "event": act})
            for n, act in enumerate(["open", "spamreport", "click"])
        )
        + "]",
    ),
    "SendGrid, spam reports": Shape(
        "suppression_spam_reports.csv", lines("email,ip,created", "<e1>,192.0.2.1,1770000000")
    ),
    "Postmark, suppressions": Shape(
        "postmark-suppressions.csv",
        lines(
            "EmailAddress,SuppressionReason,Origin,CreatedAt",
            "<e1>,ManualSuppression,Recipient,2026-05-01T10:00:00Z",
        ),
    ),
    "ActiveCampaign, contacts": Shape(
        "ac_contacts.csv",
        lines(
            "Contact ID,Email,First Name,Status,Date Created",
            "<i0>,<e0>,Ana,Active,2025-01-01",
            "<i1>,<e1>,Bo,Bounced,2025-01-01",
            "<i2>,<e2>,Cy,Unsubscribed,2025-01-01",
        ),
        no=(1, 2),
    ),
    "Brevo, blacklisted": Shape(
        "brevo_contacts.csv",
        lines(
            "CONTACT ID,EMAIL,FIRSTNAME,EMAIL_BLACKLISTED,SMS_BLACKLISTED,ADDED_TIME",
            "<i0>,<e0>,Ana,No,No,2025-01-01",
            "<i1>,<e1>,Bo,Yes,No,2025-01-01",
            "<i2>,<e2>,Cy,No,No,2025-01-01",
        ),
    ),
    "Customer.io, people": Shape(
        "customerio_people.csv",
        lines(
            "id,email,created_at,unsubscribed",
            "<i0>,<e0>,1760000000,",
            "<i1>,<e1>,1760000000,true",
            "<i2>,<e2>,1760000000,false",
        ),
    ),
    "Iterable, users": Shape(
        "iterable_users.csv",
        lines(
            "userId,email,signupDate,unsubscribedChannelIds",
            "<i0>,<e0>,2025-01-01,[]",
            "<i1>,<e1>,2025-01-01,[3]",
            "<i2>,<e2>,2025-01-01,[]",
        ),
    ),
    "Marketo, leads": Shape(
        "marketo_leads.csv",
        lines(
            "Id,Email Address,First Name,Unsubscribed,Black Listed,Marketing Suspended,Created At",
            "<i0>,<e0>,Ana,false,false,false,2025-01-01",
            "<i1>,<e1>,Bo,false,false,true,2025-01-01",
            "<i2>,<e2>,Cy,false,true,false,2025-01-01",
        ),
        no=(1, 2),
    ),
    "Dynamics 365, contacts": Shape(
        "dynamics_contacts.csv",
        lines(
            "Contact,Email,Do not allow Emails,Created On",
            "<i0>,<e0>,Allow,2025-01-01",
            "<i1>,<e1>,Do Not Allow,2025-01-01",
            "<i2>,<e2>,Allow,2025-01-01",
        ),
    ),
    "Pipedrive, people": Shape(
        "people-991.csv",
        lines(
            "Person - ID,Person - Name,Person - Email - Work,Person - Marketing status",
            "<i0>,Ana,<e0>,Subscribed",
            "<i1>,Bo,<e1>,Unsubscribed",
            "<i2>,Cy,<e2>,Subscribed",
        ),
    ),
    "Intercom, users": Shape(
        "intercom-users.csv",
        lines(
            "User ID,Email,Name,Unsubscribed from Emails,Marked email as spam,Has hard bounced",
            "<i0>,<e0>,Ana,false,false,false",
            "<i1>,<e1>,Bo,false,true,false",
            "<i2>,<e2>,Cy,false,false,true",
        ),
        no=(1, 2),
    ),
    "a question of a form": Shape(
        "leads.csv",
        lines(
            "lead_id,email,full_name,May we contact you about offers?,created",
            "<i0>,<e0>,Ana,Yes,2026-05-01",
            "<i1>,<e1>,Bo,No,2026-05-01",
            "<i2>,<e2>,Cy,Yes,2026-05-01",
        ),
    ),
    "receipts of a consent tool": Shape(
        "consent_receipts.csv",
        lines(
            "identifier,purpose,transaction_type,interaction_date",
            "<e0>,advertising,CONFIRMED,2026-05-01",
            "<e1>,advertising,WITHDRAWN,2026-05-01",
            "<e2>,advertising,NOTGIVEN,2026-05-01",
        ),
        unasked=(2,),
    ),
    "an answer with its date": Shape(
        "club.csv",
        lines(
            "member_id,email,consent",
            "<i0>,<e0>,yes",
            "<i1>,<e1>,withdrawn 2026-05-01",
            "<i2>,<e2>,yes",
        ),
    ),
    "a note of the staff": Shape(
        "visitors.csv",
        lines(
            "visitor_id,email,first_visit,notes",
            "<i0>,<e0>,2025-01-01,likes blue",
            "<i1>,<e1>,2025-01-01,please do not contact any more",
            "<i2>,<e2>,2025-01-01,",
        ),
    ),
    "no longer contact": Shape(
        "recipients.csv",
        lines(
            "subscriber_id,email,No longer contact (by any channel),created",
            "<i0>,<e0>,0,2025-01-01",
            "<i1>,<e1>,1,2025-01-01",
            "<i2>,<e2>,0,2025-01-01",
        ),
    ),
    "a history of states": Shape(
        "subscription_history.csv",
        lines(
            "contact_id,email,changed_at,old_value,new_value",
            "<i0>,<e0>,2026-05-01,pending,subscribed",
            "<i1>,<e1>,2026-05-01,subscribed,unsubscribed",
            "<i2>,<e2>,2026-05-01,pending,subscribed",
        ),
    ),
    "names alone": Shape("objections.csv", lines("Name,Received", "<n1>,2026-05-01")),
    "two columns of one name": Shape(
        "sync.csv",
        lines(
            "contact_id,email,Opted out,Opted out", "<i0>,<e0>,,", "<i1>,<e1>,,yes", "<i2>,<e2>,,"
        ),
    ),
    "hashed addresses": Shape(
        "optout_hashes.csv", lambda filled: ("sha256_email\n" + sha256(filled("<e1>"))).encode()
    ),
    "may be contacted": Shape(
        "donors.csv",
        lines(
            "donor_id,email,Mailable,GDPR",
            "<i0>,<e0>,Yes,",
            "<i1>,<e1>,No,",
            "<i2>,<e2>,Yes,objected",
        ),
        no=(1, 2),
    ),
    "a second column of a consent file": Shape(
        "consents 2026.csv",
        lines(
            "contact_id,email,purpose,consent,email_suppressed",
            "<i0>,<e0>,advertising,yes,",
            "<i1>,<e1>,advertising,yes,bounced",
            "<i2>,<e2>,advertising,no,",
        ),
        no=(1, 2),
    ),
    # tried on the finished code by somebody who had not seen it; six of these were exported then
    "Brevo, a block for each channel": Shape(
        "brevo_contacts.csv",
        lines(
            "CONTACT ID,EMAIL,EMAIL BLOCKLISTED,SMS BLOCKLISTED",
            *("<i0>,<e0>,No,No", "<i1>,<e1>,Yes,No", "<i2>,<e2>,No,No"),
        ),
    ),
    "ActiveCampaign, the status on a list": Shape(
        "ac_contacts.csv",
        lines("Email,List 1 status,Tags", "<e0>,active,", "<e1>,unsubscribed,", "<e2>,active,"),
    ),
    "Constant Contact, express and implied": Shape(
        "cc_export.csv",
        lines(
            "Email address,Email permission status,Email update source",
            *("<e0>,Implied,web", "<e1>,Unsubscribed,web", "<e2>,Express,web"),
        ),
    ),
    "Dutch": Shape(
        "klanten.csv",
        lines("klantnr;e-mail;nieuwsbrief", "<i0>;<e0>;ja", "<i1>;<e1>;nee", "<i2>;<e2>;ja"),
    ),
    "Polish": Shape(
        "zgody.csv",
        lines("id,email,zgoda marketingowa", "<i0>,<e0>,tak", "<i1>,<e1>,nie", "<i2>,<e2>,tak"),
    ),
    "Italian": Shape(
        "clienti.csv",
        lines("id,email,consenso marketing", "<i0>,<e0>,Sì", "<i1>,<e1>,No", "<i2>,<e2>,Sì"),
    ),
    "how often somebody wants to hear": Shape(
        "prefs.csv", lines("email,email_frequency", "<e0>,weekly", "<e1>,never", "<e2>,monthly")
    ),
    "channels that somebody chose": Shape(
        "centre.csv", lines("email,marketing_channels", "<e0>,email|sms", "<e1>,none", "<e2>,email")
    ),
    "requests for erasure": Shape(
        "erasure_requests.csv", lines("email,requested_at,type", "<e1>,2026-05-01,erasure")
    ),
    "objections": Shape("art21_objections.csv", lines("email,date", "<e1>,2026-05-01")),
    "a list of those who want no advertisements": Shape(
        "robinsonliste.csv", lines("email,eingetragen", "<e1>,01.05.2026")
    ),
    "Pardot": Shape(
        "pardot_prospects.csv",
        lines(
            "Prospect Id,Email,Opted Out,Do Not Email",
            *("<i0>,<e0>,0,0", "<i1>,<e1>,1,1", "<i2>,<e2>,0,0"),
        ),
    ),
    "Intercom": Shape(
        "intercom_users.csv",
        lines(
            "User ID,Email,Unsubscribed from Emails,Has hard bounced",
            *("<i0>,<e0>,false,false", "<i1>,<e1>,true,false", "<i2>,<e2>,false,false"),
        ),
    ),
    "complaints as a mail service logs them": Shape(
        "ses_events.ndjson",
        lines(
            *(
                json.dumps({"eventType": kind, "mail": {"destination": who}, "email": who})
                for kind, who in (("Delivery", "<e0>"), ("Complaint", "<e1>"), ("Send", "<e2>"))
            )
        ),
    ),
    "Eloqua": Shape(
        "eloqua.csv", lines("Email Address,Is Subscribed", "<e0>,Y", "<e1>,N", "<e2>,Y")
    ),
    "a tag of the help desk": Shape(
        "zd_users.csv", lines("email,tags", "<e0>,vip", "<e1>,vip gdpr_optout", "<e2>,new")
    ),
}
