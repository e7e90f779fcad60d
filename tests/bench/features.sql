-- The behaviour table as an analyst would write it for DuckDB alone; tests/bench/features.py times ours against it.
-- Reads events, posts and people; as_of is 2026-07-01, the look-back window 365 days, the usual time zone UTC.
with span as (select timestamp '2026-07-01' as until, timestamp '2026-07-01' - interval 365 day as since),

weights (verb, weight) as (
    values ('view', 1), ('read', 1), ('like', 1), ('click', 2), ('create', 3), ('announce', 3), ('purchase', 5)
),

clocks as (  -- clocks change on the hour; to convert every act by itself would take longer than all the rest
    select zone, hour, timezone(zone, timezone('UTC', hour)) - hour as ahead
    from span, range(since, until, interval 1 hour) hours (hour), (select distinct time_zone from people) zones (zone)
),

acts as (
    select
        person_id, "at", platform, verb, value,
        coalesce(content_type, '') as content_type, coalesce(weight, 1) as weight,
        date_diff('second', "at", until) / 86400 as age_days, if(ahead is null, "at", "at" + ahead) as wall
    from span, events left join people using (person_id) left join weights using (verb)
    left join clocks on zone = time_zone and hour = date_trunc('hour', "at")
    where "at" >= since and "at" < until
),

beside as (
    select *, epoch(wall) as local,
        date_diff('second', lag("at") over before, "at") as gap,
        date_diff('day', lag(wall) over before, wall) as days
    from acts window before as (partition by person_id order by "at")
),

habits as (
    select
        person_id, count(*) as n, max("at") as last_at,
        count(*) filter (verb = 'create') as n_posts,
        count(*) filter (verb = 'purchase') as orders,
        coalesce(sum(value) filter (verb = 'purchase'), 0) as paid,
        coalesce(sum(value) filter (verb = 'refund'), 0) as refunded,
        sum(weight * pow(0.5, age_days / 30)) as engagement,
        avg((verb in ('like', 'announce'))::int) as reaction_share,
        avg((isodow(wall) >= 6)::int) as weekend_share,
        avg((hour(wall) >= 18)::int) as evening_share,
        avg(sin(2 * pi() * local / 86400)) as hour_sin,
        avg(cos(2 * pi() * local / 86400)) as hour_cos,
        avg(sin(2 * pi() * (local / 86400 - 4) / 7)) as week_sin,  -- 1970 began on a Thursday
        avg(cos(2 * pi() * (local / 86400 - 4) / 7)) as week_cos,
        count(*) filter (content_type = 'video') as videos,
        count(*) filter (content_type = 'image') as images,
        count(*) filter (content_type = 'text') as texts,
        videos + images + texts as content,
        greatest(
            count(*) filter (quarter("at") = 1), count(*) filter (quarter("at") = 2),
            count(*) filter (quarter("at") = 3), count(*) filter (quarter("at") = 4)
        ) as busiest,
        count(*) filter (days > 0) as changes,
        avg(days) filter (days > 0) as cadence,
        stddev_pop(days) filter (days > 0) as spread,
        count(*) filter (gap is null or gap > 1800) as sessions
    from beside group by person_id
),

worth as (
    select
        person_id, platform, content_type, date_trunc('week', "at") as week,
        count(*) as n, sum(weight) as weight, max("at") as last_at
    from acts group by all
),

placed as (
    select person_id, platform, n, last_at,
        (rank() over (cell order by weight) - 1 + count(*) over (partition by platform, content_type, week, weight) / 2)
            / count(*) over cell as place
    from worth window cell as (partition by platform, content_type, week)
),

there as (
    select person_id, platform, sum(n) as n, max(last_at) as last_at, sum(round(place * 1e9)::bigint) as place
    from placed group by all
),

ranked as (
    select *, (row_number() over (partition by platform order by place, last_at, person_id) - 0.5)
        / count(*) over (partition by platform) as standing
    from there
),

platforms as (
    select person_id, avg(standing) as relative_engagement, count(*) as n_platforms, max(n) as most,
        sum(n * log2(n)) as n_log_n
    from ranked group by person_id
),

written as (select posts.* from posts, span where "at" >= since and "at" < until),

waits as (  -- posts of people that a brand should answer, and answers of brands to people
    select 'brand' as who, q.post_id, q.person_id, q.at, min(a.at) as answered
    from written q left join written a on a.in_reply_to = q.post_id and a.at >= q.at and a.brand is not null
    where q.person_id is not null
    group by q.post_id, q.person_id, q.at, q.about_brand having q.about_brand is not null or answered is not null
    union all
    select 'person', q.post_id, asked.person_id, q.at, min(a.at)
    from written q join written asked on q.in_reply_to = asked.post_id and asked.person_id is not null
    left join written a on a.in_reply_to = q.post_id and a.at >= q.at and a.person_id is not null
    where q.brand is not null
    group by q.post_id, asked.person_id, q.at
),

at_risk as (
    select *, epoch(coalesce(answered, until) - "at") / 3600 as hours,
        count(*) over (
            partition by who, person_id order by hours desc, answered is not null rows unbounded preceding) as n
    from waits, span
),

surviving as (  -- Kaplan and Meier
    select who, person_id, hours, answered, n,
        sum(case when answered is not null and n > 1 then ln((n - 1) / n) else 0 end)
            over (partition by who, person_id order by hours, answered is null rows unbounded preceding) as log_share
    from at_risk
),

medians as (
    select person_id, min(hours) filter (who = 'brand') as response_latency_hours,
        min(hours) filter (who = 'person') as reply_latency_hours
    from surviving where answered is not null and (n = 1 or log_share <= ln(0.5) + 1e-9) group by person_id
),

replies as (
    select person_id, avg((in_reply_to is not null)::int) as reply_share
    from written where person_id is not null group by person_id
),

history as (select person_id, min("at") as first_at from events, span where "at" < until group by person_id)
select
    person_id, n as n_events, n_posts, changes + 1 as active_days,
    date_diff('second', first_at, until) / 86400 as tenure_days,
    date_diff('second', last_at, until) / 86400 as recency_days,
    cadence as cadence_days, if(changes >= 2, (spread - cadence) / (spread + cadence), null) as burstiness,
    sessions as n_sessions, n / sessions as session_depth,
    orders as frequency, if(orders > 0, paid / orders, 0) as monetary_value, paid + refunded as spend,
    engagement, 100 * percent_rank() over (order by engagement) as engagement_score, relative_engagement,
    n_platforms, log2(n) - n_log_n / n as platform_entropy, most / n as top_platform_share,
    (videos + 5 * sum(videos) over () / sum(content) over ()) / (content + 5) as video_share,
    (images + 5 * sum(images) over () / sum(content) over ()) / (content + 5) as image_share,
    (texts + 5 * sum(texts) over () / sum(content) over ()) / (content + 5) as text_share,
    reaction_share, reply_share, response_latency_hours, reply_latency_hours, weekend_share, evening_share,
    hour_sin, hour_cos, sqrt(hour_sin ** 2 + hour_cos ** 2) as hour_concentration, week_sin, week_cos,
    (busiest + 1) / (n + 4) as busiest_quarter_share
from span, habits join platforms using (person_id) join history using (person_id)
    left join replies using (person_id) left join medians using (person_id)
