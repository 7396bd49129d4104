"""One world a platform, by the platform's name: a practice shop, the channel that talks to it, hands to move both."""
