# The image of Stemma: `docker build -t stemma .`, or with its servers by deploy/compose.yaml.
FROM node:22-bookworm-slim AS console
WORKDIR /build/services/console/web
COPY services/console/web/package.json services/console/web/package-lock.json services/console/web/.npmrc ./
RUN npm ci --no-progress
COPY services/console /build/services/console
RUN npx vite build

FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/stemma
WORKDIR /build
COPY deploy/requirements.lock deploy/
RUN /opt/stemma/bin/pip install --require-hashes -r deploy/requirements.lock
COPY pyproject.toml README.md ./
COPY schemas schemas
COPY events events
COPY projections projections
COPY services services
COPY --from=console /build/services/console/web/dist services/console/web/dist
RUN /opt/stemma/bin/pip install --no-deps --no-build-isolation . \
 && /opt/stemma/bin/pip uninstall --yes setuptools pip

FROM python:3.12-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /var/lib/stemma --shell /usr/sbin/nologin stemma \
 && install --directory --owner stemma --group stemma --mode 0750 /var/lib/stemma
COPY --from=build /opt/stemma /opt/stemma
# The root file system may be read-only: all that is written goes to the volume. The compiled trace rules are written
# too, since they depend on the processor; a new named volume begins with those of the machine that built the image.
# The container listens beyond itself, so it serves only with STEMMA_TLS_CERT and STEMMA_TLS_KEY, or with the proxy that
# encrypts named in STEMMA_TRUSTED_PROXIES (deploy/compose.yaml).
ENV PATH=/opt/stemma/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/var/lib/stemma/.numba \
    STEMMA_DATA=/var/lib/stemma \
    STEMMA_LISTEN=0.0.0.0:8000 \
    STEMMA_FIRST_KEY_FILE=/var/lib/stemma/first-key
USER 10001:10001
WORKDIR /var/lib/stemma
RUN python -m projections.trace.warm
VOLUME /var/lib/stemma
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-c", "import os, ssl; from http.client import HTTPConnection, HTTPSConnection; c = HTTPSConnection('127.0.0.1', 8000, timeout=4, context=ssl._create_unverified_context()) if os.environ.get('STEMMA_TLS_CERT') else HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/health/ready'); raise SystemExit(c.getresponse().status != 200)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["stemma"]
CMD ["serve"]
