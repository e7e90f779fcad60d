"""Header shapes that nobody looked at while the rules were written, and what each should become.

The headers are their vendors', the rows invented. `expected`: a kind, and our columns by theirs.
"""

from typing import NamedTuple


class HeldOut(NamedTuple):
    """A file, and the entries it should become."""

    file: str
    rows: list[str]
    expected: dict[str, dict[str, str]]


HELD_OUT = [
    HeldOut(
        "brevo_export_20260601.csv",
        [
            "CONTACT ID,EMAIL,FIRSTNAME,LASTNAME,SMS,LANDLINE_NUMBER,WHATSAPP,"
            "INTERESTS,CITY,OPT-IN",
            "1,ana@example.org,Ana,Berg,+14155550100,,,,Oslo,1",
            "2,bo@example.org,Bo,Cole,+14155550101,,,,Bern,0",
        ],
        {
            "accounts": {
                "account": "CONTACT ID",
                "email": "EMAIL",
                "phone": "SMS",
                "region": "CITY",
            },
            "consents": {"account": "CONTACT ID", "granted": "OPT-IN"},
        },
    ),
    HeldOut(
        "unified_payments.csv",
        [
            "id,Created date (UTC),Amount,Fee,Net,Status,Transfer,Customer Email,Amount Refunded",
            "ch_1,2026-05-01 10:30:00,100.00,3.20,96.80,succeeded,po_1,ana@example.org,0",
            "ch_2,2026-05-02 11:00:00,50.00,1.75,48.25,succeeded,po_1,bo@example.org,0",
        ],
        {
            "events": {
                "account": "Customer Email",
                "at": "Created date (UTC)",
                "value": "Amount",
                "verb": "=purchase",
            }
        },
    ),
    HeldOut(
        "report-2026-06-01.csv",
        [
            "Order #,Order Date,First Name,Last Name,Email,Quantity,Total Paid,Order Status,"
            "Promo Code,Affiliate,Event Name,Event Date,Checked In",
            "1001,2026-05-26 19:05,Ana,Berg,ana@example.org,2,60.00,Attending,a,,Jazz,"
            "2026-06-03,No",
            "1002,2026-05-27 20:10,Bo,Cole,bo@example.org,1,40.00,Attending,,b,Jazz,2026-06-03,Yes",
        ],
        {
            "events": {
                "account": "Email",
                "at": "Order Date",
                "object_id": "Order #",
                "value": "Total Paid",
                "verb": "=purchase",
            }
        },
    ),
    HeldOut(
        "export-20260601-120000.csv",
        [
            "Reference ID,First Name,Last Name,Email Address,Phone Number,Nickname,Company Name,"
            "City,"
            "State,Postal Code,Birthday,Memo,Square Customer ID,First Visit,Last Visit,"
            "Transaction Count,Lifetime Spend,Email Subscription Status",
            ",Ana,Berg,ana@example.org,+14155550100,,Works,Oslo,NO,0150,,,SQ1,2025-01-01,"
            "2026-05-01,"
            "3,60.00,subscribed",
            ",Bo,Cole,bo@example.org,,,,Bern,BE,3000,,,SQ2,2025-01-02,2026-05-02,1,20.00,"
            "unsubscribed",
        ],
        {
            "accounts": {
                "account": "Square Customer ID",
                "email": "Email Address",
                "phone": "Phone Number",
                "company": "Company Name",
                "at": "First Visit",
            },
            "consents": {"email": "Email Address", "granted": "Email Subscription Status"},
        },
    ),
    HeldOut(
        "Members_123456.csv",
        [
            "Name,Email,Discord,Patron Status,Follows You,Lifetime Amount,Pledge Amount,"
            "Charge Frequency,Tier,City,State,Country,Phone,Patronage Since Date,Last Charge Date,"
            "Last Charge Status,User ID,Last Updated,Currency",
            "Ana Berg,ana@example.org,,Active patron,No,30.00,5.00,monthly,Friend,Oslo,,NO,,"
            "2025-01-08 17:45:28,2026-05-01 07:46:37,Paid,501,2026-05-01 07:46:37,EUR",
            "Bo Cole,bo@example.org,,Former patron,No,10.00,5.00,monthly,Friend,Bern,,CH,,"
            "2025-02-08 17:45:28,2026-01-01 07:46:37,Declined,502,2026-01-01 07:46:37,EUR",
        ],
        {
            "accounts": {
                "account": "User ID",
                "email": "Email",
                "name": "Name",
                "at": "Patronage Since Date",
            }
        },
    ),
    HeldOut(
        "email_list.ourletter.csv",
        [
            "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at",
            "ana@example.org,false,,other,false,2025-01-01T10:00:00.000Z,",
            "bo@example.org,true,2026-12-01T00:00:00.000Z,monthly,true,2025-02-01T10:00:00.000Z,",
        ],
        {
            "accounts": {"account": "email", "email": "email", "at": "created_at"},
            "consents": {"email": "email", "granted": "no: email_disabled"},
        },
    ),
    HeldOut(
        "contact_export_99.csv",
        [
            "Email address,First name,Last name,Email status,Email permission status,Source Name,"
            "Created At",
            "ana@example.org,Ana,Berg,Active,Express,Form,2025-11-15 19:42:23 +0000",
            "bo@example.org,Bo,Cole,Unsubscribed,Unsubscribed,Form,2025-11-16 19:42:23 +0000",
        ],
        {
            "accounts": {"account": "Email address", "email": "Email address", "at": "Created At"},
            "consents": {"email": "Email address", "granted": "Email permission status"},
        },
    ),
    HeldOut(
        "comments.csv",
        [
            "id,permalink,date,ip,subreddit,gildings,link,parent,body,media",
            "k1,https://a.b/c/1,2026-05-01 10:00:00 UTC,,cups,0,https://a.b/1,,"
            "thanks a lot for it,",
            "k2,https://a.b/c/2,2026-05-02 10:00:00 UTC,,cups,0,https://a.b/2,t1_k1,"
            "you are welcome,",
        ],
        {"posts": {"post_id": "id", "at": "date", "text": "body", "in_reply_to": "parent"}},
    ),
    HeldOut(
        "user-list-260601-120000.csv",
        [
            "id,name,username,email,title,created_at,last_seen_at,last_posted_at,trust_level,"
            "topics",
            "1,Ana Berg,ana,ana@example.org,,2025-01-01 10:00:00 UTC,2026-05-01 10:00:00 UTC,,2,4",
            "2,Bo Cole,bo,bo@example.org,,2025-01-02 10:00:00 UTC,2026-05-02 10:00:00 UTC,,1,3",
        ],
        {"accounts": {"account": "username", "email": "email", "name": "name", "at": "created_at"}},
    ),
    HeldOut(
        "Reviews-2026.csv",
        [
            "Review Id,Review Created (UTC),Review Consumer User Id,Review Title,Review Content,"
            "Review Stars,Source Of Review,Company Reply Date (UTC)",
            "r1,2026-05-01 10:00:00,u1,Lovely,The cup arrived whole and in time,5,Organic,",
            "r2,2026-05-02 10:00:00,u2,Broken,It came in two halves this time,1,Organic,",
        ],
        {
            "posts": {
                "post_id": "Review Id",
                "at": "Review Created (UTC)",
                "account": "Review Consumer User Id",
                "text": "Review Content",
            }
        },
    ),
]
SECOND = [  # taken after the first had been looked at and the rules mended by it
    HeldOut(
        "Download.CSV",
        [
            "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,"
            "To Email Address,Transaction ID",
            "05/30/2026,10:00:00,PDT,Ana Berg,Payment,Completed,USD,20.00,-1.00,19.00,"
            "ana@example.org,we@shop.example,T1",
            "05/31/2026,11:00:00,PDT,Bo Cole,Payment,Completed,USD,30.00,-1.00,29.00,"
            "bo@example.org,we@shop.example,T2",
        ],
        {"events": {"account": "From Email Address", "at": "Date", "value": "Gross"}},
    ),
    HeldOut(
        "EtsySoldOrders2026.csv",
        [
            "Sale Date,Order ID,Buyer User ID,Full Name,First Name,Last Name,Number of Items,"
            "Payment Method,Date Shipped,Ship City,Ship Country,Currency,Order Value,"
            "Order Total,Status",
            "05/30/26,31,ana7,Ana Berg,Ana,Berg,1,online,06/01/26,Oslo,Norway,USD,20.00,24.00,paid",
            "05/31/26,32,bo9,Bo Cole,Bo,Cole,2,online,06/02/26,Bern,CH,USD,30.00,34.00,paid",
        ],
        {
            "events": {
                "account": "Buyer User ID",
                "at": "Sale Date",
                "object_id": "Order ID",
                "value": "Order Total",
                "verb": "=purchase",
            }
        },
    ),
    HeldOut(
        "contacts.csv",
        [
            "First Name,Middle Name,Last Name,Organization Name,Organization Title,"
            "E-mail 1 - Label,E-mail 1 - Value,Phone 1 - Label,Phone 1 - Value",
            "Ana,,Berg,Works,Buyer,Work,ana@example.org,Mobile,+14155550100",
            "Bo,,Cole,Yard,Clerk,Work,bo@example.org,Mobile,+14155550101",
        ],
        {
            "accounts": {
                "email": "E-mail 1 - Value",
                "phone": "Phone 1 - Value",
                "company": "Organization Name",
                "name": "First Name",
            }
        },
    ),
    HeldOut(
        "Outlook.csv",
        [
            "First Name,Last Name,Company,Job Title,E-mail Address,Home Phone,Mobile Phone,Notes",
            "Ana,Berg,Works,Buyer,ana@example.org,,+14155550100,",
            "Bo,Cole,Yard,Clerk,bo@example.org,,+14155550101,",
        ],
        {
            "accounts": {
                "account": "E-mail Address",
                "email": "E-mail Address",
                "phone": "Mobile Phone",
                "job_title": "Job Title",
            }
        },
    ),
    HeldOut(
        "slack-ourshop-members.csv",
        [
            "username,email,status,billing-active,has-2fa,has-sso,userid,fullname,displayname",
            "ana,ana@example.org,Member,1,0,0,U01,Ana Berg,ana",
            "bo,bo@example.org,Member,1,0,0,U02,Bo Cole,bo",
        ],
        {"accounts": {"account": "username", "email": "email", "name": "fullname"}},
    ),
    HeldOut(
        "Facebook comments export.csv",
        [
            "Name,Profile ID,Date,Likes,Comment",
            "Ana Berg,1001,2026-05-30 10:00:00,2,what lovely cups you make",
            "Bo Cole,1002,2026-05-31 10:00:00,0,mine came broken again",
        ],
        {"posts": {"account": "Profile ID", "at": "Date", "text": "Comment"}},
    ),
    HeldOut(
        "youtube_comments.csv",
        [
            "commentId,videoId,textDisplay,authorDisplayName,authorChannelId,likeCount,publishedAt",
            "c1,v1,what lovely cups you make,@ana,UC1,2,2026-05-30T10:00:00Z",
            "c2,v1,mine came broken again,@bo,UC2,0,2026-05-31T10:00:00Z",
        ],
        {
            "posts": {
                "account": "authorChannelId",
                "post_id": "commentId",
                "at": "publishedAt",
                "text": "textDisplay",
            }
        },
    ),
    HeldOut(
        "exposures_raw.csv",
        [
            "user_id,experiment_id,variation_id,timestamp",
            "u1,offer,control,2026-05-30T10:00:00Z",
            "u2,offer,treatment,2026-05-30T10:00:00Z",
        ],
        {
            "exposures": {
                "account": "user_id",
                "campaign": "experiment_id",
                "arm": "variation_id",
                "at": "timestamp",
            }
        },
    ),
    HeldOut(
        "suppression_global_unsubscribes.csv",
        [
            "email,created",
            "ana@example.org,2026-05-30T10:00:00Z",
            "bo@example.org,2026-05-31T10:00:00Z",
        ],
        {"consents": {"email": "email", "at": "created", "granted": "=no"}},
    ),
    HeldOut(
        "donations.csv",
        [
            "Donation ID,Donor Email,Donor First Name,Donor Last Name,Donation Date,Amount,"
            "Currency,"
            "Campaign,Do Not Contact",
            "D1,ana@example.org,Ana,Berg,2026-05-30,20.00,EUR,Spring,TRUE",
            "D2,bo@example.org,Bo,Cole,2026-05-31,30.00,EUR,Spring,FALSE",
        ],
        {
            "events": {
                "account": "Donor Email",
                "at": "Donation Date",
                "object_id": "Donation ID",
                "value": "Amount",
                "verb": "=purchase",
            },
            "consents": {"account": "Donor Email", "granted": "no: Do Not Contact"},
        },
    ),
]
THIRD = [  # taken after the second had been looked at too; no rule was changed by it
    HeldOut(
        "orders.csv",
        [
            "Order ID,Email,Financial Status,Paid at,Fulfillment Status,Currency,Subtotal,Shipping,"
            "Taxes,Amount Refunded,Total,Created at,Lineitem quantity,Lineitem name,Billing Name",
            "00041,ana@example.org,PAID,2026-05-30 10:00:00 +0200,PENDING,EUR,20.00,4.00,0.00,0.00,"
            "24.00,2026-05-30 09:59:00 +0200,1,Cup,Ana Berg",
            "00042,bo@example.org,PAID,2026-05-31 10:00:00 +0200,PENDING,EUR,30.00,4.00,0.00,0.00,"
            "34.00,2026-05-31 09:59:00 +0200,1,Jug,Bo Cole",
        ],
        {
            "events": {
                "account": "Email",
                "at": "Created at",
                "object_id": "Order ID",
                "value": "Total",
                "verb": "=purchase",
            }
        },
    ),
    HeldOut(
        "subscribers_export.csv",
        [
            "Email,Status,Created At,Unsubscribed At,Acquisition Source",
            "ana@example.org,active,2025-05-30T10:00:00Z,,website",
            "bo@example.org,inactive,2025-05-31T10:00:00Z,2026-05-31T10:00:00Z,website",
        ],
        {
            "accounts": {"account": "Email", "email": "Email", "at": "Created At"},
            "consents": {"email": "Email", "granted": "Unsubscribed At"},
        },
    ),
    HeldOut(
        "sales.csv",
        [
            "Purchase ID,Item Name,Buyer Name,Purchase Email,Do not contact?,Purchase Date,"
            "Purchase Time (UTC timezone),Item Price ($),Refunded?",
            "p1,Cup,Ana Berg,ana@example.org,1,2026-05-30,10:00:00,20.00,0",
            "p2,Jug,Bo Cole,bo@example.org,0,2026-05-31,10:00:00,30.00,0",
        ],
        {
            "events": {
                "account": "Purchase Email",
                "at": "Purchase Date",
                "object_id": "Purchase ID",
                "value": "Item Price ($)",
                "verb": "=purchase",
            },
            "consents": {"account": "Purchase Email", "granted": "no: Do not contact?"},
        },
    ),
    HeldOut(
        "people-1234567-89.csv",
        [
            "Person - ID,Person - Name,Person - Organization,Person - Email - Work,"
            "Person - Phone - Work,Person - Person created",
            "1,Ana Berg,Works,ana@example.org,+14155550100,2025-05-30 10:00:00",
            "2,Bo Cole,Yard,bo@example.org,+14155550101,2025-05-31 10:00:00",
        ],
        {
            "accounts": {
                "account": "Person - ID",
                "name": "Person - Name",
                "email": "Person - Email - Work",
                "phone": "Person - Phone - Work",
                "company": "Person - Organization",
                "at": "Person - Person created",
            }
        },
    ),
    HeldOut(
        "user-export-2026-06-01.csv",
        [
            "Name,Owner,Email,Phone,User ID,First seen (CET),Signed up (CET),Last seen (CET),"
            "Web sessions,City,Country,Unsubscribed from Emails",
            "Ana Berg,Us,ana@example.org,,501,2025-05-30 10:00,2025-05-30 10:00,2026-05-30 10:00,4,"
            "Oslo,NO,true",
            "Bo Cole,Us,bo@example.org,,502,2025-05-31 10:00,2025-05-31 10:00,2026-05-31 10:00,2,"
            "Bern,CH,false",
        ],
        {
            "accounts": {
                "account": "User ID",
                "name": "Name",
                "email": "Email",
                "phone": "Phone",
                "at": "Signed up (CET)",
            },
            "consents": {"account": "User ID", "granted": "no: Unsubscribed from Emails"},
        },
    ),
    HeldOut(
        "judgeme_export.csv",
        [
            "title,body,rating,review_date,source,reviewer_name,reviewer_email,product_id,reply",
            "Lovely,The cup arrived whole and in time,5,2026-05-30 10:00:00 UTC,web,Ana,"
            "ana@example.org,11,",
            "Broken,It came in two halves this time,1,2026-05-31 10:00:00 UTC,web,Bo,"
            "bo@example.org,12,",
        ],
        {"posts": {"account": "reviewer_email", "at": "review_date", "text": "body"}},
    ),
    HeldOut(
        "app_2026-05-30.ndjson",
        [
            '{"user_id": "u1", "device_id": "d1", "event_type": "view_item", '
            '"event_time": "2026-05-30 10:00:00.000", "country": "Norway"}',
            '{"user_id": "u2", "device_id": "d2", "event_type": "purchase", '
            '"event_time": "2026-05-31 10:00:00.000", "country": "Norway"}',
        ],
        {"events": {"account": "user_id", "at": "event_time", "verb": "event_type"}},
    ),
]
