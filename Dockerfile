# One image for the web app and the workers; no compiler and no root in it.
FROM python:3.12-slim AS build
WORKDIR /src
COPY requirements.lock requirements-postgres.lock ./
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements-postgres.lock
COPY . .
RUN /venv/bin/pip install --no-cache-dir --no-deps .

FROM python:3.12-slim
RUN useradd --system --create-home --home-dir /data --uid 10118 langnghe
COPY --from=build /venv /venv
ENV PATH=/venv/bin:$PATH LANGNGHE_HOME=/data PYTHONUNBUFFERED=1
USER langnghe
WORKDIR /data
VOLUME /data
EXPOSE 8118
HEALTHCHECK --interval=30s --timeout=5s --start-period=40s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8118/healthz', timeout=4)"]
ENTRYPOINT ["langnghe"]
CMD ["up", "--host", "0.0.0.0"]
