# The ledger's processes in one image; what they run is in docker-compose.yml.
FROM python:3.12.12-slim-bookworm

WORKDIR /opt/caseledger
COPY requirements.lock pyproject.toml README.md ./
RUN python -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY domain domain
COPY projections projections
COPY consumers consumers
COPY infra infra
COPY samples samples
RUN /opt/venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation -e . \
 && useradd --system --uid 10001 --home-dir /data caseledger \
 && install -d -o caseledger -g caseledger -m 0750 /data \
 && install -d -o caseledger -g caseledger -m 0700 /keys
ENV PATH=/opt/venv/bin:$PATH PYTHONUNBUFFERED=1
USER caseledger
VOLUME /data /keys
CMD ["caseledger", "--help"]
