"""Phones and viewers that are not there: photos sent to a hub and watched for, with what became of each.

`pictures.py` draws, `target.py` says where a hub is and how to be let in, `sending.py` is the phone, `watching.py` the
viewer, `running.py` lets both loose and gives the `Outcome` of `outcome.py`. It talks to the one hub it is given only.
"""
