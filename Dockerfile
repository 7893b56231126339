# The image of web, worker and migrate. TORCH_INDEX: address of an index with PyTorch's CPU build.
FROM python:3.11-slim
ARG TORCH_INDEX=
WORKDIR /srv/jieti
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/*
COPY requirements.txt requirements-torch.txt ./
RUN pip install --no-cache-dir -r requirements-torch.txt ${TORCH_INDEX:+--index-url $TORCH_INDEX} \
    && pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . \
    && python scripts/build_assets.py && python scripts/compile_translations.py && rm -rf node_modules \
    && useradd --system jieti && mkdir /data && chown jieti /data
USER jieti
ENV JIETI_VAR=/data HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false
CMD ["jieti", "serve", "--host", "0.0.0.0", "--port", "8000"]
