"""The hosts of these tests: under what names the local provider stands, and which of them are watched."""

WATCHED = {
    "api.openai.com": "openai",
    "api.anthropic.com": "anthropic",
    "*.openai.azure.com": "azure",
}
AZURE = "acme.openai.azure.com"
OTHER = "www.example.com"
NAMES = ("api.openai.com", "api.anthropic.com", AZURE, OTHER)
