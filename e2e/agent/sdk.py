"""What a program with a provider's own SDK does: `python -m e2e.agent.sdk openai|anthropic`.

Says as JSON how many characters it got, or the status it was refused with.
"""

import importlib
import json
import sys

PROMPT = "How much is counted? " * 100


def ask_openai() -> list[int]:
    """Whole, then streamed, on one connection."""
    import openai

    client = openai.OpenAI(api_key="none", max_retries=0)
    messages: list[openai.types.chat.ChatCompletionMessageParam] = [{"role": "user", "content": PROMPT}]
    whole = client.chat.completions.create(model="gpt-4o", messages=messages)
    stream = client.chat.completions.create(model="gpt-4o", messages=messages, stream=True)
    streamed = "".join(one.choices[0].delta.content or "" for one in stream)
    return [len(whole.choices[0].message.content or ""), len(streamed.strip())]


def ask_anthropic() -> list[int]:
    """Whole, then streamed, on one connection."""
    import anthropic

    client = anthropic.Anthropic(api_key="none", max_retries=0)
    messages: list[anthropic.types.MessageParam] = [{"role": "user", "content": PROMPT}]
    whole = client.messages.create(model="claude-sonnet-4", max_tokens=300, messages=messages)
    with client.messages.stream(model="claude-sonnet-4", max_tokens=300, messages=messages) as stream:
        streamed = "".join(stream.text_stream)
    text = "".join(one.text for one in whole.content if one.type == "text")
    return [len(text), len(streamed.strip())]


def main(name: str) -> None:
    """Ask, and say what came. Only the one SDK is loaded: each takes seconds."""
    sdk = importlib.import_module(name)
    try:
        print(json.dumps({"got": {"openai": ask_openai, "anthropic": ask_anthropic}[name]()}))
    except sdk.APIConnectionError as failed:
        print(json.dumps({"failed": f"{failed.__cause__}"}))


if __name__ == "__main__":
    main(sys.argv[1])
