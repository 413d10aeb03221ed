"""The lexicons of these tests, as lexrpc takes them."""
import json
import pathlib

FOLDER = pathlib.Path(__file__).parent.parent / 'lexicons/com/example/interop'
LEXICONS = [json.loads(path.read_text()) for path in sorted(FOLDER.glob('*.json'))]
NSID = 'com.example.interop.'
