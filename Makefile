# `make help` lists the commands. What a step made is a file, so a second run starts at once.
V := .venv/bin
MANAGE := $(V)/python web/manage.py
PIP := $(V)/python -m pip install --quiet --disable-pip-version-check --require-hashes
NEED := sh web/requirements/system.sh
# The virtual environment first: it is where npm is when the system has none.
NPM := PATH="$(CURDIR)/$(V):$$PATH" npm --prefix web/frontend
FRONTEND := $(shell find web/frontend -name node_modules -prune -o -name '*.js' -print -o -name '*.css' -print)
STATIC := $(shell find web/static web/*/static -type f -not -path 'web/static/build/*' 2>/dev/null)
# LAN=1, or the one of several addresses that is to be used.
FOR_LAN = $(if $(LAN),--lan $(filter-out 1,$(LAN)))
PO := $(wildcard web/locale/*/LC_MESSAGES/*.po)
STATICFILES := web/staticfiles/staticfiles.json
MODULES := web/frontend/node_modules/.package-lock.json

.DELETE_ON_ERROR:
.PHONY: help run run-aws-local dev demo reset backup restore test test-quick test-faults soak lint \
	types check bench screenshots messages lock clean setup setup-test built database

help: ## list these commands
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | sort | expand -t 14

run: setup database ## set up, then start the site and one worker; LAN=1 for the local network
	@exec $(MANAGE) serve $(FOR_LAN)

dev: setup database ## the same, restarting on every change of the code
	@VIDEOSHARE_DEBUG=$${VIDEOSHARE_DEBUG:-yes} exec $(MANAGE) serve --reload $(FOR_LAN)

run-aws-local: setup-test ## the distributed service on an emulated AWS, all on this machine
	@$(V)/python -m infra.local

demo: setup database ## a contest with clips to convert, made on the spot
	@$(MANAGE) demo

reset: setup ## empty this machine's data (asks first)
	@$(MANAGE) reset

backup: setup ## write all data into backups/, or FILE=, while the site runs
	@$(MANAGE) backup $(if $(FILE),"$(FILE)")

restore: setup ## put the backup FILE= in the place of all data (asks first, unless YES=1)
	@test -n "$(FILE)" || { echo "make restore FILE=backups/...tar" >&2; exit 2; }
	@$(MANAGE) restore $(if $(YES),--yes) "$(FILE)"
	@$(MAKE) --no-print-directory database

test: setup-test lint types check ## lint, types and every test
	$(V)/pytest -n auto --dist worksteal
	$(V)/pytest -n auto --dist worksteal --ds=tests.settings_mariadb -m "not aws or slow" tests/mysql \
		tests/distributed tests/faults tests/contests $(DATABASE_TESTS:%=tests/backends/test_%.py)

# What else can tell one database from the other; S3 and the rest of AWS can't.
DATABASE_TESTS := queue suppression transactions

test-quick: setup-test lint types ## lint, types and the tests that are neither slow nor in a browser
	$(V)/pytest -n auto --dist worksteal -m "not slow and not browser"

test-faults: setup-test ## kill workers, break networks, and lose nothing: on one machine and distributed
	$(V)/pytest -n auto --dist worksteal tests/faults
	$(V)/pytest -n auto --dist worksteal --ds=tests.settings_mariadb tests/faults

soak: setup-test ## lose nothing for SECONDS=600 of killed workers and broken lines
	SOAK_SECONDS=$(or $(SECONDS),600) $(V)/python -m tests.faults

lint: .venv/.test ## style and import rules
	$(V)/ruff check
	$(V)/ruff format --check
	PYTHONPATH=web $(V)/lint-imports --no-cache

types: .venv/.test
	$(V)/mypy

# As ops would run it: behind HTTPS.
check: setup-test
	$(MANAGE) makemigrations --check --dry-run
	VIDEOSHARE_WEB_URL=https://videoshare.example $(MANAGE) check --deploy --fail-level WARNING

bench: setup .venv/.bench ## measure our conversion against bare ffmpeg and the original's way
	$(V)/python -m tests.bench

screenshots: setup-test ## make the pictures in imgs/ again
	$(V)/python imgs/screenshots.py

messages: setup ## collect the texts to translate into web/locale/ (maintainers)
	@$(NEED) gettext
	cd web && ../$(V)/python manage.py makemessages --locale es --no-location --no-obsolete \
		--ignore 'frontend/*' --ignore 'static*'
	@$(MAKE) --no-print-directory built

lock: .venv/.run ## compile pyproject.toml into web/requirements/, package.json into its lock file (maintainers)
	$(PIP) --requirement web/requirements/lock.txt
	for file in "run:" "mysql:--extra mysql --constraint web/requirements/run.txt" \
		"test:--extra mysql --group test --constraint web/requirements/mysql.txt"; do \
		$(COMPILE) pyproject.toml --group build $${file#*:} \
			--output-file web/requirements/$${file%%:*}.txt || exit; done
	for group in node lock emulator bench; do \
		$(COMPILE) --group $$group --output-file web/requirements/$$group.txt || exit; done
	$(NPM) install --package-lock-only
COMPILE := $(V)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate

clean: ## remove all that set-up made; keeps your data
	rm -rf .venv web/frontend/node_modules web/static/build web/staticfiles .*_cache .hypothesis
	rm -f $(PO:.po=.mo)

# --- set-up, step by step -------------------------------------------------------------------------
setup: .venv/.run built
setup-test: .venv/.test built
built: $(STATICFILES) $(PO:.po=.mo)

database: setup
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) createcachetable --verbosity 0

.venv/.made:
	@$(NEED) python ffmpeg bubblewrap
	python3 -m venv --clear .venv
	@touch $@

.venv/.run: .venv/.made web/requirements/run.txt
	$(PIP) --requirement web/requirements/run.txt
	@touch $@

.venv/.test: .venv/.run .venv/.emulator web/requirements/test.txt
	@$(NEED) chromium gettext mariadb mysqlclient
	$(PIP) --requirement web/requirements/test.txt
	@touch $@

.venv/.bench: .venv/.run web/requirements/bench.txt
	$(PIP) --requirement web/requirements/bench.txt
	@touch $@

# The emulator of AWS pins libraries of its own: so an environment of its own.
.venv/.emulator: .venv/.made web/requirements/emulator.txt
	python3 -m venv --clear .venv/emulator
	.venv/emulator/$(PIP:$(V)/%=bin/%) --requirement web/requirements/emulator.txt
	@touch $@

$(MODULES): web/frontend/package-lock.json web/frontend/.npmrc | .venv/.run
	@command -v npm >/dev/null || $(PIP) --requirement web/requirements/node.txt
	$(NPM) ci
	@touch $@

web/static/build/app.js: $(MODULES) $(FRONTEND)
	$(NPM) run build --silent

$(STATICFILES): web/static/build/app.js $(STATIC) | .venv/.run
	$(MANAGE) collectstatic --noinput --clear --verbosity 0

%.mo: %.po | .venv/.run
	$(V)/pybabel --quiet compile --input-file $< --output-file $@
