"""What people think of brands and their offer.

evidence (words that many used on one side), aspects (what is better and worse liked), complaints
(what people want put right), threads (does the mood recover after an answer?).
"""
