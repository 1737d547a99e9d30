"""Games to play on a GPU, and ways to play them: names and settings alone, without TensorFlow."""

PRESETS = {"r3gan": "r3gan", "stylegan2": "stylegan2"}  # of 64x64 pixels; other games are those of benchmarks.steps
SIDE = 64
STEPS = {"ring": 512, "dcgan": 30, "sngan": 12, "r3gan": 8, "stylegan2": 16}  # an epoch; 16: a penalty in one of 16
GAMES = tuple(STEPS)
POLICIES = ("tf32", "bfloat16", "float32")  # TF32 is what TensorFlow does with float32 by default
WAYS = tuple({"policy": policy, "xla": xla} for xla in (False, True) for policy in POLICIES)

TORCH_GAMES = ("ring", "dcgan")
TORCH_WAYS = tuple({"policy": policy, "compile": compiled} for compiled in (False, True) for policy in POLICIES)
