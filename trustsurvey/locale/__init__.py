"""Every message of the code, in a file a language; ``python -m trustsurvey.locale`` renews them."""
