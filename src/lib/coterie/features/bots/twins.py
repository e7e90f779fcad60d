"""Accounts that write from the same templates: posts nearly alike, again and again the same few."""

import ibis
import ibis.expr.types as ir
import pandas as pd
from scipy import stats

from coterie.features.bots.signs import plain_words

ALIKE = 0.5  # Jaccard similarity: half of the words that either post has stand in both
WORDS = 6  # different words; shorter posts are alike by chance
RARE = 4  # rarest words of a post by which it looks for its twins
NEIGHBOURS = 5  # posts with the same rare word, in the order of their words, looked at each way
PUBLIC = 100  # accounts; words that more use are everybody's, and so are the forms of an app
OWN_WORDS = 3  # words that are not everybody's, shared by twins
POSTS = 5  # posts; of fewer nothing is said
PARTNERS = 2  # accounts with whom twins recur
ALPHA = 0.01  # chance that anybody at all is taken for a template poster, were posts exchanged


def nearly_alike(posts: ir.Table) -> pd.DataFrame:
    """Find accounts most of whose posts nearly repeat other accounts' posts, beyond chance.

    A post's twin is another account's post that shares half of their words (Jaccard), so a swapped
    word hides nothing. How many posts have a twin by chance is learned from everybody's: where all
    people write alike (a greeting, a form, a shop's own hashtag) nobody is conspicuous. Linked are
    accounts with at least two of an account's posts as twins of theirs; an account counts if it has
    two such partners and its share of posts with a twin is beyond the binomial at the usual share,
    corrected for all accounts (Bonferroni).

    Left out is what addresses a brand or answers somebody, for customers of one support hour ask
    the same in the same words, and what an app posts for many: twins share three words that at most
    a hundred accounts use.

    Pairs of posts are found by blocking: posts that have one of their four rarest words in common,
    sorted by their words, each beside the next few (the sorted-neighbourhood method).

    Invisible: text made anew for each post, whatever made it; praise or complaints sent to a brand
    in concert; rings of more than a hundred accounts, or that use everyday words alone; fewer than
    five posts, or posts of fewer than six different words. A small group that lets one rare app
    post for it looks like a ring.

    Returns
    -------
    One row an account that is linked: `twin_share` of its posts, and `twin_partners`.

    References
    ----------
    Broder (1997), "On the resemblance and containment of documents", SEQUENCES. Hernández and
    Stolfo (1998), "Real-world data is dirty", Data Mining and Knowledge Discovery 2.
    """
    written = worded(posts).cache()
    words = words_of(written).cache()
    pairs = candidates(words).cache()
    alike = similar(pairs, words).cache()
    sides = [alike.select(post=x, twin=y) for x, y in (("one", "other"), ("other", "one"))]
    owner = written.select("post", "person_id")
    twins = ibis.union(*sides).join(owner, "post")
    twins = twins.join(owner.select(twin="post", partner="person_id"), "twin")
    twins = twins.filter(twins["person_id"] != twins["partner"]).cache()
    shares = twins.group_by("person_id").agg(n_twins=twins["post"].nunique())
    often = twins.group_by("person_id", "partner").agg(n=twins["post"].nunique())
    often = often.filter(often["n"] >= 2)
    partners = often.group_by("person_id").agg(twin_partners=often.count())
    own = written.group_by("person_id").agg(n_texts=written.count())
    table = own.left_join(shares, "person_id").left_join(partners, "person_id")
    counts = {name: table[name].fill_null(0) for name in ("n_twins", "twin_partners")}
    table = table.select("person_id", "n_texts", **counts)
    return conspicuous(table.order_by("person_id").to_pandas())


def conspicuous(table: pd.DataFrame) -> pd.DataFrame:
    """Keep who has more twins than the usual share of posts, and partners with whom they recur.

    >>> table = pd.DataFrame(
    ...     {
    ...         "person_id": ["ana", "bo", "bot"],
    ...         "n_texts": [90, 90, 9],
    ...         "n_twins": [4, 0, 9],
    ...         "twin_partners": [0, 0, 3],
    ...     }
    ... )
    >>> conspicuous(table)
      person_id  twin_share  twin_partners
    2       bot         1.0              3
    """
    usual = (table["n_twins"].sum() + 1) / (table["n_texts"].sum() + 2)
    p = stats.binom.sf(table["n_twins"] - 1, table["n_texts"], usual)
    beyond = p * len(table) <= ALPHA
    shown = table.assign(twin_share=table["n_twins"] / table["n_texts"])
    kept = shown[beyond & (shown["twin_partners"] >= PARTNERS)]
    return kept[["person_id", "twin_share", "twin_partners"]]


def worded(posts: ir.Table) -> ir.Table:
    """Keep the plain words of posts that address nobody, by people who wrote enough of them."""
    public = posts["in_reply_to"].isnull() & posts["about_brand"].isnull()
    said = posts.filter(posts["person_id"].notnull(), public).select(
        "person_id", words=plain_words(posts["text"])
    )
    long = said.filter(said["words"].length() >= 2 * WORDS)
    often = long.mutate(n=long.count().over(group_by="person_id"))
    often = often.filter(often["n"] >= POSTS).drop("n")
    return often.mutate(post=ibis.row_number().over(order_by=["person_id", "words"]))


def words_of(written: ir.Table) -> ir.Table:
    """List the different words of each post, how many it has, and how many accounts use each."""
    words = written.select("person_id", "post", "words", word=written["words"].split(" "))
    words = words.unnest("word").filter(ibis._.word != "").distinct()
    users = words.group_by("word").agg(users=words["person_id"].nunique())
    counted = words.mutate(n=words.count().over(group_by="post")).join(users, "word")
    return counted.filter(counted["n"] >= WORDS).drop("person_id")


def candidates(words: ir.Table) -> ir.Table:
    """Pair posts that share a rare word, each with the next few in the order of their words."""
    shared = words.filter(words["users"].between(2, PUBLIC))
    rank = ibis.row_number().over(group_by="post", order_by=["users", "word"])
    keys = shared.mutate(rank=rank)
    keys = keys.filter(keys["rank"] < RARE)
    window = ibis.window(group_by="word", order_by=["words", "post"])
    parts = [
        keys.select(one=keys["post"].lag(step).over(window), other="post")
        for step in range(1, NEIGHBOURS + 1)
    ]
    pairs = ibis.union(*parts)
    return pairs.filter(pairs["one"].notnull()).distinct()


def similar(pairs: ir.Table, words: ir.Table) -> ir.Table:
    """Keep the pairs of posts half of whose words are the same, some of them not everybody's."""
    one = words.select("word", "users", one="post", n_one="n")
    other = words.select("word", other="post", n_other="n")
    common = pairs.join(one, "one").join(other, ["other", "word"])
    rare = (common["users"] <= PUBLIC).cast("int64").sum()
    counted = common.group_by("one", "other", "n_one", "n_other").agg(n=common.count(), rare=rare)
    jaccard = counted["n"] / (counted["n_one"] + counted["n_other"] - counted["n"])
    alike = counted.filter(jaccard >= ALIKE, counted["rare"] >= OWN_WORDS)
    return alike.select("one", "other")
