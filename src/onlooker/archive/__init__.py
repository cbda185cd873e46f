"""The archive: photos taken in safely, kept as files for people, and told to everybody who looks.

`archive.Archive` is what the rest of the program talks to. A photo's way in:

    bytes -> incoming/<id>.part (flushed) -> examined -> row and event in one commit -> moved to its place -> told

The rest of this folder: `arrival.py` (bytes coming in), `examining.py` (what a file is), `layout.py` (where files lie),
`renditions.py` (smaller pictures), `uploads.py` (resumable uploads), `upkeep.py` (what is done now and then),
`check.py`. docs/durability.md says why each crash on this way loses nothing that was acknowledged.
"""
