import sys

# jsonschema, which papermill and Jupyter import, loads a grammar for international URLs: 1.3 s that nothing
# here uses. Said here, as it must stand before the first of them is imported.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
