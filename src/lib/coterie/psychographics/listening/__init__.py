"""What is said of brands.

syntax and queries (boolean mention queries), voice (share of voice), aspects and evidence (what is
liked, in words that many used), complaints, bursts (sudden topics), novelty (new topics),
reputation (lasting changes of mood), threads (does an answer help?), content (what posts that work
have).
"""
