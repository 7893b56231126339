#!/usr/bin/env bash
# Rewrites revision 0001 from the models. Only until the first release; after it, add revisions with `jieti migrate --revise`.
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
rm -f platform/jieti/persistence/migrations/versions/0001*.py
JIETI_DATABASE_URL="sqlite:///$folder/empty.sqlite" JIETI_VAR="$folder" .venv/bin/python -c "from jieti.cli import main; main()" migrate --revise initial --rev-id 0001
rm -rf "$folder"
