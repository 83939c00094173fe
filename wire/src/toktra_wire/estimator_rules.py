"""What the estimator knows before any fit: APIs, models, hosts, framing, and where slopes may change."""

from toktra_wire.estimator import EMBEDDINGS, FamilyRule, Framing, Knots, ModelRule, Parameters

CHAT = "openai-chat"
RESPONSES = "openai-responses"
ANTHROPIC = "anthropic-messages"
GEMINI = "gemini"
BEDROCK = "bedrock-converse"

RULES = Parameters(
    version="",
    fitted_on="",
    hosts=[
        "*aiplatform.googleapis.com",
        "bedrock-runtime.*",
        "bedrock-mantle.*",
        "*.openai.azure.com",
        "*.snowflakecomputing.com",
    ],
    families=[
        FamilyRule(EMBEDDINGS, ["embed"], streaming=False),
        FamilyRule(RESPONSES, ["/responses"]),
        FamilyRule(CHAT, ["chat/completions"]),
        FamilyRule(ANTHROPIC, ["/messages", "/invoke"]),
        FamilyRule(GEMINI, [":streamgeneratec"], streaming=True),
        FamilyRule(GEMINI, [":generatec"], streaming=False),
        FamilyRule(BEDROCK, ["/converse-stream"], streaming=True),
        FamilyRule(BEDROCK, ["/converse"], streaming=False),
    ],
    models=[
        ModelRule("claude", ["claude"]),
        ModelRule("gpt-oss", ["gpt-oss"]),
        ModelRule("gpt-5.x", ["gpt-5."], hides=True),
        ModelRule("gpt-5", ["gpt-5"], hides=True),
        ModelRule("gpt-4", ["gpt-4", "gpt-3"]),
        ModelRule("gemini-3", ["gemini-3"], hides=True),
        ModelRule("gemini-2.5", ["gemini-2.5"], hides=True),
        ModelRule("gemini", ["gemini"]),
        ModelRule("nova", ["nova-"]),
        ModelRule("llama", ["llama"]),
        ModelRule("mistral", ["mistral", "magistral", "pixtral"]),
        ModelRule("deepseek", ["deepseek"]),
        ModelRule("qwen", ["qwen"]),
        ModelRule("glm", ["glm"]),
        ModelRule("o-series", ["o1", "o3", "o4"], hides=True),
    ],
    hiding_hosts=[
        "api.openai.com",
        "*.openai.azure.com",
        "openrouter.ai",
        "generativelanguage.googleapis.com",
        "*aiplatform.googleapis.com",
    ],
    # Events: those of an answer that carry no text (role, finish, usage, [DONE]). Bytes and shares: measured.
    framings=[
        Framing(
            family=CHAT, bytes=535, events=4, share=0.012, calls_from=1000, call_bytes=3285, call_events=9
        ),
        Framing(family=RESPONSES, bytes=4500, events=8, share=0.015),
        Framing(family=ANTHROPIC, bytes=1000, events=6, share=0.2),
        Framing(family=GEMINI, bytes=0, events=0, share=1.0),
        Framing(bytes=0, events=0, share=0.1),
    ],
    knots={
        "input": Knots(
            request=[64, 110, 160, 230, 330, 400, 500, 700, 1000, 1500, 2200, 4000, 1e4, 3e4, 2e5, 1e7],
            response=[200, 400, 600, 1000, 2000, 6000, 2e4, 1e7],
            events=[],
        ),
        "output": Knots(
            request=[200, 1000, 4000, 2e4],
            response=[
                200,
                300,
                350,
                400,
                450,
                500,
                560,
                630,
                700,
                800,
                1000,
                1400,
                2000,
                4000,
                1e4,
                4e4,
                1e7,
            ],
            events=[0, 3, 10, 30, 100, 1000],
        ),
    },
    cells=[],
)
