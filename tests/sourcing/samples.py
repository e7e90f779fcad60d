"""Invented rows in the shapes that vendors document: a file's name, its content, what it becomes.

Each sample: the file's name, its text, the export it must be recognised as, and the rows that each
entry must keep. No row here is anybody's.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Export(NamedTuple):
    """A file as a vendor writes it, and what it must become."""

    file: str
    text: str
    name: str  # of the declared map
    kept: list[tuple[str, int]]  # what each entry gives, and of how many rows
    shows: Mapping[str, list] = MappingProxyType({})  # columns of the first entry, in order
    encoding: str = "utf-8"


def lines(*rows: str) -> str:
    """Join lines as a file has them."""
    return "\n".join(rows) + "\n"


def tweet(number: int, **more: str) -> dict:
    """Write a post as the archive has it."""
    moment = f"Mon Jun 0{number} 07:03:00 +0000 2026"
    return {"tweet": {"id_str": f"9{number}", "full_text": "a, b", "created_at": moment} | more}


def message(sender: str, text: str) -> dict:
    """Write a direct message as the archive has it."""
    said = {"senderId": sender, "id": f"m{sender}", "text": text}
    return {"messageCreate": said | {"createdAt": "2026-05-01T10:00:00.000Z"}}


def activity(number: int, kind: str, content: object) -> dict:
    """Write an activity as an outbox has it."""
    who = "https://toots.example/users/brand"
    about = {"id": f"{who}/activities/{number}", "type": kind, "actor": who}
    return about | {"published": f"2026-05-0{number}T10:00:00Z", "object": content}


def note(number: int) -> dict:
    """Write a post as ActivityStreams has it."""
    where = f"https://toots.example/notes/{number}"
    return {"id": where, "type": "Note", "inReplyTo": None, "content": "<p>words of ours</p>"}


def record(number: int, **value: object) -> dict:
    """Write a record as listRecords answers it."""
    kind = value.get("$type", "app.bsky.feed.post")
    moment = {"createdAt": f"2026-05-0{number}T10:00:00.000Z"}
    return {"uri": f"at://did:plc:own/{kind}/{number}", "cid": "b", "value": value | moment}


def follow(name: str, second: int) -> dict:
    """Write a follower as Instagram's download has one."""
    link = {"href": f"https://www.instagram.com/{name}", "value": name, "timestamp": second}
    return {"title": "", "media_list_data": [], "string_list_data": [link]}


def ga4(name: str, micros: int, **more: object) -> str:
    """Write an event as BigQuery exports it, parameters in a list of keys and typed values."""
    page = {"key": "page_location", "value": {"string_value": "/shop", "int_value": None}}
    event = {"event_timestamp": str(micros), "event_name": name, "user_pseudo_id": "11.22"}
    return json.dumps(event | {"event_params": [page]} | more)


ORDERS = (
    "Name,Email,Financial Status,Paid at,Accepts Marketing,Currency,Total,Created at,"
    "Lineitem quantity,Lineitem name,Billing Name,Cancelled at,Refunded Amount,Phone"
)
MAILCHIMP = "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,TIMEZONE,LAST_CHANGED"
KLAVIYO = (
    "Email,Klaviyo ID,First Name,Organization,Title,Phone Number,City,Source,Profile Created On,"
    "Email Marketing Consent,Email Marketing Consent Timestamp,Email Suppressions"
)
PEOPLE = [
    Export(
        "followers_1.json",
        json.dumps([follow("ana", 1770000000), follow("bo", 1770086000)]),
        "Instagram download, followers",
        [("events", 2)],
        {"account": ["ana", "bo"], "at": ["2026-02-02", "2026-02-03"]},
    ),
    Export(
        "following.json",
        json.dumps({"relationships_following": [follow("cy", 1770000000) | {"title": "cy"}]}),
        "Instagram download, whom the account follows",
        [("accounts", 1)],
        {"account": ["cy"]},
    ),
    Export(
        "message_1.json",
        json.dumps(
            {
                "participants": [{"name": "Ana"}, {"name": "Shop"}],
                "messages": [
                    {"sender_name": "Ana", "timestamp_ms": 1770000000000, "content": "open today?"},
                    {"sender_name": "Shop", "timestamp_ms": 1770000060000, "content": "yes we are"},
                ],
                "title": "Ana",
            }
        ),
        "Meta Business Suite or Facebook download, messages",
        [("posts", 2)],
        {"text": ["open today?", "yes we are"]},
    ),
    Export(
        "Spring_Leads_2026-06-01_2026-06-30.csv",
        lines(
            "id\tcreated_time\tad_id\tform_id\tplatform\tfull_name\temail\tphone_number",
            "l:91\t2026-06-01T00:00:00-05:00\tag:1\tf:1\tig\tAna Ö\tana@example.org\t"
            "p:+14155550100",
        ),
        "Meta lead ads",
        [("accounts", 1)],
        {"account": ["l:91"], "email": ["ana@example.org"], "at": ["2026-06-01"]},
        encoding="utf-16",
    ),
    Export(
        "user_data.json",
        json.dumps(
            {
                "Activity": {
                    "Follower List": {
                        "FansList": [{"Date": "2026-05-01 10:00:00", "UserName": "ana"}]
                    },
                    "Like List": {
                        "ItemFavoriteList": [{"Date": "2026-05-02 10:00:00", "Link": "https://a.b"}]
                    },
                }
            }
        ),
        "TikTok download, followers",
        [("events", 1)],
        {"account": ["ana"], "at": ["2026-05-01"]},
    ),
    Export(
        "Connections.csv",
        lines(
            "Notes:",
            '"Some addresses may be missing, as members decide."',
            "",
            "First Name,Last Name,URL,Email Address,Company,Position,Connected On",
            "Ana,Berg,https://www.linkedin.com/in/ana,ana@example.org,Works Ltd,Buyer,01 Jan 2023",
            "Bo,Cole,https://www.linkedin.com/in/bo-c,,Yard Ltd,Clerk,12 Sep 2024",
        ),
        "LinkedIn, connections",
        [("accounts", 2)],
        {"at": ["2023-01-01", "2024-09-12"], "company": ["Works Ltd", "Yard Ltd"]},
    ),
    Export(
        "follower.js",
        'window.YTD.follower.part0 = [{"follower": {"accountId": "71", "userLink": "https://x"}}]',
        "X archive, followers",
        [("accounts", 1)],
        {"account": ["71"]},
    ),
    Export(
        "direct-messages.js",
        "window.YTD.direct_messages.part0 = "
        + json.dumps(
            [
                {
                    "dmConversation": {
                        "conversationId": "1-2",
                        "messages": [message("71", "open today?"), message("1", "yes we are")],
                    }
                }
            ]
        ),
        "X archive, direct messages",
        [("posts", 2)],
        {"account": ["71", "1"], "text": ["open today?", "yes we are"]},
    ),
    Export(
        "events_20260501.json",
        lines(
            ga4("page_view", 1777629600000000, user_id="u1"),
            ga4("purchase", 1777629660000000, ecommerce={"purchase_revenue": 20.5}),
        ),
        "GA4 in BigQuery, events",
        [("events", 2), ("accounts", 1)],
        {"verb": ["view", "purchase"], "at": ["2026-05-01", "2026-05-01"], "value": [None, 20.5]},
    ),
    Export(
        "hubspot-crm-exports-all-contacts.csv",
        lines(
            "Record ID,First Name,Last Name,Email,Phone Number,Company Name,Job Title,"
            "Unsubscribed from all email,Last Modified Date,Create Date",
            "101,Ana,Berg,ana@example.org,,Works,Buyer,true,2026-06-01 10:00,2025-01-01 10:00",
            "102,Bo,Cole,bo@example.org,,Yard,Clerk,,2026-06-02 10:00,2025-01-02 10:00",
        ),
        "HubSpot, contacts",
        [("accounts", 2), ("consents", 1)],
        {"account": ["101", "102"], "job_title": ["Buyer", "Clerk"]},
    ),
    Export(
        "campaign members.csv",
        lines(
            "Campaign Name,Member Type,Member Status,First Name,Last Name,Title,"
            "Company / Account,Email,Member First Associated Date,Contact ID,Email Opt Out",
            "Spring,Contact,Sent,Ana,Berg,Buyer,Works,ana@example.org,2026-05-01,003A,1",
            "Spring,Contact,Responded,Bo,Cole,Clerk,Yard,bo@example.org,2026-05-02,003B,0",
        ),
        "Salesforce, campaign members (report)",
        [("accounts", 2), ("exposures", 2), ("consents", 1)],
        {"account": ["003A", "003B"]},
    ),
    Export(
        "unsubscribed_members_export_ab12.csv",
        lines(
            f"{MAILCHIMP},UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_REASON,LEID,EUID",
            "ana@example.org,Ana,2,2025-01-01 09:00:00,2025-01-01 09:05:00,Europe/Berlin,"
            "2026-05-01 08:00:00,2026-05-01 08:00:00,May,NORMAL,1,e1",
        ),
        "Mailchimp, unsubscribed",
        [("accounts", 1), ("consents", 1)],
        {"email": ["ana@example.org"], "time_zone": ["Europe/Berlin"]},
    ),
    Export(
        "cleaned_members_export_ab12.csv",
        lines(
            f"{MAILCHIMP},CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,LEID,EUID",
            "bo@example.org,Bo,2,2025-01-01 09:00:00,,Europe/Berlin,2026-05-01 08:00:00,"
            "2026-05-02 08:00:00,May,2,e2",
        ),
        "Mailchimp, cleaned",
        [("accounts", 1), ("consents", 1)],
    ),
    Export(
        "subscribed_members_export_ab12.csv",
        lines(
            f"{MAILCHIMP},LEID,EUID,TAGS",
            "cy@example.org,Cy,4,2025-01-01 09:00:00,2025-01-01 09:05:00,Europe/Berlin,"
            "2026-05-01 08:00:00,3,e3,vip",
        ),
        "Mailchimp, subscribed",
        [("accounts", 1), ("consents", 1)],
    ),
    Export(
        "Newsletter.csv",
        lines(
            KLAVIYO,
            "ana@example.org,01A,Ana,Works,Buyer,,Oslo,Form,2025-01-01 09:00:00,SUBSCRIBED,"
            "2025-02-01 09:00:00,",
            "bo@example.org,01B,Bo,Yard,Clerk,,Bern,Form,2025-01-02 09:00:00,UNSUBSCRIBED,"
            "2026-02-01 09:00:00,",
            "cy@example.org,01C,Cy,,,,Bern,Form,2025-01-03 09:00:00,NEVER_SUBSCRIBED,,BOUNCE",
        ),
        "Klaviyo, profiles",
        [("accounts", 3), ("consents", 2), ("consents", 1)],
        {"account": ["01A", "01B", "01C"]},
    ),
    Export(
        "orders_export_1.csv",
        lines(
            ORDERS,
            "#1,ana@example.org,paid,2026-05-01 10:00:00 -0500,yes,EUR,60.00,"
            "2026-05-01 10:00:00 -0500,1,Cup,Ana Berg,,0.00,",
            "#1,ana@example.org,,,,,,2026-05-01 10:00:00 -0500,2,Bowl,,,,",
            "#2,bo@example.org,refunded,2026-05-02 10:00:00 -0500,no,EUR,40.00,"
            "2026-05-02 10:00:00 -0500,1,Jug,Bo Cole,2026-05-03 10:00:00 -0500,40.00,",
            "#3,cy@example.org,voided,,no,EUR,30.00,2026-05-02 11:00:00 -0500,1,Jug,Cy Dahl,"
            "2026-05-03 10:00:00 -0500,0.00,",
            "#4,dee@example.org,partially_refunded,2026-05-04 10:00:00 -0500,no,EUR,50.00,"
            "2026-05-04 10:00:00 -0500,1,Jug,Dee Eng,,15.00,",
        ),
        "Shopify, orders",
        [("events", 3), ("events", 1), ("events", 1), ("accounts", 4), ("consents", 4)],
        {"object_id": ["#1", "#2", "#4"], "value": [60.0, 40.0, 50.0]},
    ),
    Export(
        "customers_export.csv",
        lines(
            "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Phone,Total Spent,"
            "Total Orders,Tags",
            "'601,Ana,Berg,ana@example.org,yes,,60.00,1,",
            "'602,Bo,Cole,bo@example.org,no,,40.00,1,",
        ),
        "Shopify, customers",
        [("accounts", 2), ("consents", 2)],
        {"email": ["ana@example.org", "bo@example.org"]},
    ),
    Export(
        "orders-2026.csv",
        lines(
            "order_id,order_number,date,status,billing_first_name,billing_email,billing_phone,"
            "order_total,refunded_total",
            "7,7,2026-05-01 10:00:00,completed,Ana,ana@example.org,,20.00,0.00",
            "8,8,2026-05-02 10:00:00,refunded,Bo,bo@example.org,,30.00,30.00",
            "9,9,2026-05-03 10:00:00,cancelled,Cy,cy@example.org,,40.00,0.00",
        ),
        "WooCommerce, orders",
        [("events", 2), ("events", 1), ("accounts", 3)],
        {"value": [20.0, 30.0]},
    ),
    Export(
        "wc-customers.csv",
        lines(
            "Name,Username,Last Active,Sign up,Email,Orders,Total spend,AOV,City,Region",
            "Ana Berg,ana,2026-05-01,2025-01-01 10:00:00,ana@example.org,2,40.00,20.00,Oslo,NO",
        ),
        "WooCommerce, customers",
        [("accounts", 1)],
        {"name": ["Ana Berg"]},
    ),
    Export(
        "following_accounts.csv",
        lines("Account address,Show boosts,Notify on new posts", "ana@toots.example,true,false"),
        "Mastodon, whom the account follows",
        [("accounts", 1)],
    ),
    Export(
        "getFollowers.json",
        json.dumps(
            {
                "subject": {"did": "did:plc:own", "handle": "own.example"},
                "followers": [
                    {"did": "did:plc:a", "handle": "ana.example", "displayName": "Ana"},
                    {"did": "did:plc:b", "handle": "bo.example", "displayName": "Bo"},
                ],
            }
        ),
        "Bluesky, accounts",
        [("accounts", 2)],
        {"account": ["did:plc:a", "did:plc:b"]},
    ),
]
OWN = [  # the account's own posts: nobody in them
    Export(
        "May-01-2026_May-31-2026_123.csv",
        lines(
            "Post ID,Account ID,Account username,Account name,Description,Duration (sec),"
            "Publish time,Permalink,Post type,Data comment,Date,Views,Reach,Likes",
            '180,178,ourshop,Our Shop,"new cups, blue",0,05/30/2026 09:30,https://a.b/p/1,IG reel,,'
            'Lifetime,"1,200",900,60',
        ),
        "Meta Business Suite, Instagram posts",
        [("posts", 1)],
        {"at": ["2026-05-30"], "text": ["new cups, blue"]},
    ),
    Export(
        "May-01-2026_May-31-2026_456.csv",
        lines(
            "Post ID,Page ID,Page name,Title,Description,Duration (sec),Publish time,Permalink,"
            "Post type,Data comment,Date,Reach,Reactions",
            "12,61,Our Shop,Cups,new cups,0,05/30/2026 21:00,https://a.b/1,Photos,,Lifetime,9,6",
        ),
        "Meta Business Suite, Facebook posts",
        [("posts", 1)],
        {"at": ["2026-05-30"]},
    ),
    Export(
        "posts_1.json",
        json.dumps(
            [
                {"media": [{"uri": "m/1.jpg", "creation_timestamp": 1770000000, "title": "cups"}]},
                {"media": [{"uri": "m/2.jpg", "creation_timestamp": 1770000100, "title": "jugs"}]},
            ]
        ),
        "Instagram download, own posts",
        [("posts", 2)],
        {"text": ["cups", "jugs"]},
    ),
    Export(
        "post_comments_1.json",
        json.dumps(
            [
                {
                    "media_list_data": [{"uri": ""}],
                    "string_map_data": {
                        "Comment": {"value": "thank you"},
                        "Media Owner": {"value": "ana"},
                        "Time": {"timestamp": 1770000000},
                    },
                }
            ]
        ),
        "Instagram download, own comments",
        [("posts", 1)],
        {"text": ["thank you"]},
    ),
    Export(
        "tweet_activity_metrics_ourshop_20260601_20260701_en.csv",
        lines(
            '"Tweet id","Tweet permalink","Tweet text","time","impressions","engagements"',
            '"91","https://x.com/ourshop/status/91","two\nlines","2026-06-01 07:03 +0000","9","1"',
        ),
        "X analytics, posts",
        [("posts", 1)],
        {"account": ["ourshop"], "at": ["2026-06-01"]},
    ),
    Export(
        "account_analytics_content_2026-06-01_2026-06-07.csv",
        lines(
            "Post id,Date,Post text,Post Link,Impressions,Likes,Engagements,New follows",
            '91,"Fri, Jun 5, 2026",new cups,https://x.com/ourshop/status/91,500,5,9,1',
        ),
        "X analytics, posts",
        [("posts", 1)],
        {"at": ["2026-06-05"]},
    ),
    Export(
        "tweets.js",
        "window.YTD.tweets.part0 = " + json.dumps([tweet(1), tweet(8)]),
        "X archive, posts",
        [("posts", 2)],
        {"at": ["2026-06-01", "2026-06-08"], "text": ["a, b", "a, b"]},
    ),
    Export(
        "ourshop_content_1780000000000.csv",
        lines(
            "Post title,Post link,Post type,Posted by,Created date,Audience,Impressions,Clicks",
            "new cups,https://www.linkedin.com/feed/update/1,Organic,Ana,06/25/2026,All,90,3",
        ),
        "LinkedIn page analytics, posts",
        [("posts", 1)],
        {"at": ["2026-06-25"]},
    ),
    Export(
        "Table data.csv",
        lines(
            "Content,Video title,Video publish time,Duration,Views,Watch time (hours)",
            "Total,,,,90,7.1",
            'abc,How cups are made,"Sep 27, 2024",80,90,7.1',
        ),
        "YouTube Studio, videos",
        [("posts", 1)],
        {"at": ["2024-09-27"]},
    ),
    Export(
        "outbox.json",
        json.dumps(
            {
                "id": "outbox.json",
                "type": "OrderedCollection",
                "orderedItems": [
                    activity(1, "Create", note(1)),
                    activity(2, "Announce", "https://other.example/notes/9"),
                ],
            }
        ),
        "Mastodon archive, outbox",
        [("posts", 1)],
        {"text": ["<p>words of ours</p>"], "at": ["2026-05-01"]},
    ),
    Export(
        "listRecords.json",
        json.dumps(
            {
                "cursor": "3",
                "records": [
                    record(1, **{"$type": "app.bsky.feed.post", "text": "new cups"}),
                    record(2, **{"$type": "app.bsky.feed.post", "text": "new jugs"}),
                ],
            }
        ),
        "Bluesky repository, posts",
        [("posts", 2)],
        {"text": ["new cups", "new jugs"]},
    ),
]
SUMS = [  # left out, with a sentence
    (
        "meta.csv",
        "Campaign name,Reporting starts,Reporting ends,Amount spent (USD),Impressions\n"
        "Spring,2026-05-01,2026-05-31,10.50,900\n",
        "Meta Ads Manager report",
    ),
    (
        "linkedin.csv",
        "Campaign Performance Report (in UTC)\nReport Start: 09/01/2026\n\n"
        "Start Date (in UTC),Account Name,Campaign Name,Total Spent,Impressions,Clicks,Currency\n"
        "09/01/2026,Ours,Cups,10.25,500,4,USD\n",
        "LinkedIn ad report",
    ),
    (
        "tiktok.csv",
        "Campaign name,Cost,CPM,Impressions,Clicks (destination),CTR\n"
        "Spring,10.50,1.20,900,9,1.0%\n",
        "TikTok ad report",
    ),
    (
        "x.csv",
        "Time period,Campaign name,Impressions,Spend,Results\n2026-05-01,Spring,900,10.50,3\n",
        "X ad report",
    ),
    (
        "google.csv",
        'Campaign report\n"May 1, 2026 - May 31, 2026"\n'
        "Campaign status,Campaign,Currency code,Cost,Impr.,Clicks\n"
        "Enabled,Spring,EUR,10.50,900,9\n",
        "Google Ads report",
    ),
    (
        "overview.csv",
        "Date,Impressions,Likes,Engagements,New follows,Unfollows,Profile visits\n"
        '"Fri, Apr 26, 2024",100,10,2,0,0,0\n',
        "X analytics, account by day",
    ),
    (
        "followers.csv",
        "Date,Sponsored followers,Organic followers,Total followers\n05/01/2026,0,3,3\n",
        "LinkedIn page analytics, followers or visitors by day",
    ),
    (
        "like.js",
        'window.YTD.like.part0 = [{"like": {"tweetId": "1", "fullText": "hi"}}]',
        "X archive, own likes",
    ),
]
