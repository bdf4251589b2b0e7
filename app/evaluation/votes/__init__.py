"""Blind votes: pairs of answers, the standing of the candidates, agreement, and a judge of pairs."""
