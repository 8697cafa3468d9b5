"""Influencers: the text files of influencers-data, tweets and Instagram posts of political accounts."""
