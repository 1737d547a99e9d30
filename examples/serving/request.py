"""Pictures of a served digits generator, by REST or gRPC.

python examples/serving/request.py                          # REST, http://localhost:8501
python examples/serving/request.py grpc://localhost:8500    # needs pip install "keras_gan[serving]"
"""

import sys

from keras_gan import images
from keras_gan.serving import Client

url = sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8501"
with Client(url, "digits") as client:
    print(client.status())
    images.save_png("pictures.png", images.grid(client.generate(64, seed=0)))
    images.save_png("walk.png", images.grid(client.interpolate(start_seed=0, end_seed=1, steps=10), columns=10))
print("pictures.png, walk.png")
