# Two commands for a fresh clone: `make demo` and `make test`. Everything lives in .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help demo up test lint bench bench-stories bench-baseline bench-storm bench-pages bench-live quality shots lock openapi clean

help:
	@echo "make demo   trình diễn một vụ việc hư cấu (http://127.0.0.1:8118)"
	@echo "make up     chạy dịch vụ thật (dữ liệu ở ./langnghe-data)"
	@echo "make test   chạy toàn bộ kiểm thử"
	@echo "make lint   ruff, mypy strict, import-linter"
	@echo "make bench  đo tốc độ đọc hiểu (so với underthesea) và cả dây chuyền, từng khâu"
	@echo "make bench-stories bench-baseline  đo gom tin tới một triệu tin; đo phát hiện bất thường"
	@echo "make bench-storm  bão 1.000 vụ việc: diệt tiến trình, mất thư, đầy đĩa; so với alertmanager"
	@echo "make bench-live  200 trang mở cùng lúc, máy chủ bị diệt giữa chừng: có mất tin nào không"
	@echo "make shots  chụp lại các trang của bản trình diễn cho tài liệu (docs/pictures)"
	@echo "make quality DATA=THƯ_MỤC  đo chất lượng trên nhãn chuẩn, ghi docs/quality.md"

$(VENV)/app: pyproject.toml requirements.lock
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install -q --require-hashes -r requirements.lock
	$(BIN)/pip install -q --no-deps -e .
	touch $@

$(VENV)/dev: $(VENV)/app requirements-dev.lock
	$(BIN)/pip install -q --require-hashes -r requirements-dev.lock
	touch $@

demo: $(VENV)/app
	$(BIN)/langnghe demo

up: $(VENV)/app
	$(BIN)/langnghe up

test: $(VENV)/dev
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/dev
	$(BIN)/python -m tests.bench

bench-stories: $(VENV)/dev
	$(BIN)/python -m tests.bench_stories

bench-baseline: $(VENV)/dev
	$(BIN)/python -m tests.bench_baseline

bench-storm: $(VENV)/dev
	$(BIN)/python -m tests.storm

bench-pages: $(VENV)/dev
	$(BIN)/python -m tests.bench_pages

bench-live: $(VENV)/dev
	$(BIN)/python -m tests.bench_live

quality: $(VENV)/dev
	$(BIN)/python -m tests.quality_page $(DATA)

shots: $(VENV)/dev
	$(BIN)/python -m tests.browser.shots

openapi: $(VENV)/app
	$(BIN)/python -m api.app > api/openapi.json

LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --no-header -q pyproject.toml

lock:
	$(PYTHON) -m pip install -q uv
	$(LOCK) -o requirements.lock
	$(LOCK) --extra postgres -c requirements.lock -o requirements-postgres.lock
	$(LOCK) --extra postgres --extra dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) build dist *.egg-info
