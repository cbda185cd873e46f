"""The web side: who may come in (gate, users, sessions), the API, the pages and the predecessors' URLs.

An endpoint that changes something lives in `web/api` and calls one function of the part that owns the thing. Every
module with URLs offers `router(...) -> APIRouter`; `app.py` joins them. Everything is closed unless the gate's short
list of public paths says otherwise.
"""
