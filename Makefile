# make demo   builds and compares two bundled models, on the terminal and as a page
# make test   builds and runs every test
# make test-sanitizers   every test with ThreadSanitizer, then with AddressSanitizer; builds each anew
# make test-interop   opens what it writes in h5py, xarray, R, Octave and others, and runs the notebooks
# make docs   turns docs/Equipoise.docc into .build/docs; a broken link is an error
# make calibration        measures size, power and coverage; writes the tables and the picture of docs/calibration.md
# make calibration-seeds  trains SEEDS new models of each recipe first, for the tables that need them (Python 3.11)
# make bench  measures every goal of speed, beside cat, NumPy, SciPy and TensorFlow's reader
# make fuzz   fuzzes every reader for TIME seconds each, or those of TARGET="NumPy Safetensors …"
# make install, make uninstall   the program, its man page and completions; PREFIX (/usr/local) and DESTDIR are honoured
.PHONY: demo test docs bench calibration calibration-seeds fuzz build deps test-interop test-hdf5 test-notebooks \
  notebooks format lint clean install uninstall test-page
.DEFAULT_GOAL := demo

PACKAGES := libgsl-dev libhdf5-dev pkg-config
EQUIPOISE := .build/release/equipoise
A := data/dense-l2-1e-5-seed0
B := data/dense-l2-1e-2-seed0

demo: build
	@mkdir -p demo
	@echo
	$(EQUIPOISE) significance $(A) $(B)
	@echo
	$(EQUIPOISE) export $(A) $(B) -o demo/pairs.h5
	$(EQUIPOISE) report $(A) $(B) -o demo/report.html
	@echo "demo/report.html: the same as a page, for any browser ($$(wc -c < demo/report.html) bytes)"
	@echo "demo/pairs.h5: the aligned tensors and every result, for Python, R, Julia ($$(wc -c < demo/pairs.h5) bytes)"

# With Swift's own libraries in the program: GSL and HDF5 are all it needs where it runs. Apple's systems have them.
STATIC := $(if $(filter Linux,$(shell uname -s)),--static-swift-stdlib)

build: deps
	swift build -c release $(STATIC) --product equipoise

PREFIX ?= /usr/local
BIN := $(DESTDIR)$(PREFIX)/bin
SHARE := $(DESTDIR)$(PREFIX)/share
BASH_COMPLETION := $(SHARE)/bash-completion/completions/equipoise
ZSH_COMPLETION := $(SHARE)/zsh/site-functions/_equipoise
FISH_COMPLETION := $(SHARE)/fish/vendor_completions.d/equipoise.fish
MANUAL := $(SHARE)/man/man1/equipoise.1

# Builds only if there is nothing to install, so that it can follow make build as another user.
$(EQUIPOISE):
	$(MAKE) build

install: $(EQUIPOISE)
	install -d $(BIN) $(dir $(BASH_COMPLETION) $(ZSH_COMPLETION) $(FISH_COMPLETION) $(MANUAL))
	install -m 755 $(EQUIPOISE) $(BIN)/equipoise
	strip $(BIN)/equipoise
	$(EQUIPOISE) --generate-completion-script bash > $(BASH_COMPLETION)
	$(EQUIPOISE) --generate-completion-script zsh > $(ZSH_COMPLETION)
	$(EQUIPOISE) --generate-completion-script fish > $(FISH_COMPLETION)
	$(EQUIPOISE) manual > $(MANUAL)
	chmod 644 $(BASH_COMPLETION) $(ZSH_COMPLETION) $(FISH_COMPLETION) $(MANUAL)

uninstall:
	rm -f $(BIN)/equipoise $(BASH_COMPLETION) $(ZSH_COMPLETION) $(FISH_COMPLETION) $(MANUAL)

test: deps
	swift test --disable-xctest

.PHONY: test-sanitizers
test-sanitizers: deps
	EQUIPOISE_SANITIZED=1 swift test --disable-xctest --sanitize=thread --scratch-path .build/thread
	EQUIPOISE_SANITIZED=1 ASAN_OPTIONS=detect_leaks=0 swift test --disable-xctest --sanitize=address --scratch-path .build/address

# DocC comes with Swift: beside the compiler, on macOS through xcrun.
DOCC = $(shell command -v docc || xcrun --find docc 2>/dev/null || echo "$$(dirname "$$(readlink -f "$$(command -v swift)")")/docc")
docs:
	@mkdir -p .build
	$(DOCC) convert docs/Equipoise.docc --warnings-as-errors --fallback-display-name Equipoise \
	  --fallback-bundle-identifier equipoise --output-path .build/docs
	@echo ".build/docs is a static site: python3 -m http.server -d .build/docs, then /documentation/equipoise"

# The two libraries and pkg-config, by the system's package manager, only where they are missing.
deps:
	@command -v swift >/dev/null || { echo "Swift 6 (made with 6.3) is needed: see swift.org/install"; exit 1; }
	@if command -v pkg-config >/dev/null && pkg-config --exists gsl hdf5 zlib; then exit 0; fi; \
	if command -v apt-get >/dev/null; then \
	  run=""; [ "$$(id -u)" = 0 ] || run=sudo; \
	  echo "Installing $(PACKAGES) with apt-get$${run:+ (sudo asks for your password)}"; \
	  $$run apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$run apt-get install -y -qq --no-install-recommends $(PACKAGES) >/dev/null; \
	elif command -v brew >/dev/null; then \
	  echo "Installing gsl, hdf5 and pkg-config with Homebrew"; brew install gsl hdf5 pkg-config; \
	else \
	  echo "Install GSL, HDF5 (with headers) and pkg-config, then run make again"; exit 1; \
	fi

# What users have around the program, in their own releases. To add one: a target here and its word.
test-interop: test-instructions test-hdf5 test-notebooks test-tensorflow test-page

# The optimised kernels, which the suite does not build: one result on every instruction set.
.PHONY: test-instructions
test-instructions: build .build/interop/ready
	.build/interop/bin/python Tests/CommandLineTests/instruction_sets.py $(EQUIPOISE)

# The exported file in the tools that its readers use, value by value.
HDF5_TOOLS := hdf5-tools netcdf-bin r-base-core r-bioc-rhdf5 r-cran-hdf5r octave
test-hdf5: build .build/interop/ready
	@$(call install,$(HDF5_TOOLS),h5dump ncdump Rscript octave-cli)
	.build/interop/bin/python Tests/HDF5StoreTests/Interop/run.py $(EQUIPOISE)

# The notebooks run through and print what they are committed with; make notebooks writes that anew.
test-notebooks: build .build/interop/ready
	.build/interop/bin/python notebooks/execute.py --check
notebooks: build .build/interop/ready
	.build/interop/bin/python notebooks/execute.py

# Predictions, exchanges and errors against TensorFlow itself, from the tensorflow-cpu wheel; needs Python 3.
.PHONY: test-tensorflow
test-tensorflow: build
	python3 -m venv .build/tensorflow
	.build/tensorflow/bin/pip install -q -r Tests/BehaviorTests/TensorFlow/requirements.txt
	.build/tensorflow/bin/python Tests/BehaviorTests/TensorFlow/check_behavior.py $(EQUIPOISE) data

INTEROP_PACKAGES := Tests/HDF5StoreTests/Interop/requirements.txt notebooks/requirements.txt
.build/interop/ready: $(INTEROP_PACKAGES)
	python3 -m venv .build/interop
	.build/interop/bin/pip install -q $(addprefix -r ,$(INTEROP_PACKAGES))
	@touch $@

# Debian packages $(1) where one of them, or on other systems one of the commands $(2), is missing.
define install
if command -v dpkg-query >/dev/null; then \
  for package in $(1); do dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q "ok installed" || missing=1; done; \
else \
  for tool in $(2); do command -v $$tool >/dev/null || missing=1; done; \
fi; \
if [ -n "$$missing" ]; then \
  command -v apt-get >/dev/null || { echo "Install what these packages of Debian hold, then run make again: $(1)"; exit 1; }; \
  run=""; [ "$$(id -u)" = 0 ] || run=sudo; \
  echo "Installing $(1) with apt-get$${run:+ (sudo asks for your password)}"; \
  $$run apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$run apt-get install -y -qq --no-install-recommends $(1) >/dev/null; \
fi
endef

# The build folder is shared, so that the library's dependencies are not built again.
CALIBRATION := .build/release/Calibration
calibration: deps
	swift build -c release --package-path Benchmarks --scratch-path .build --product Calibration
	$(CALIBRATION) $(STUDIES)

SEEDS ?= 60
calibration-seeds: deps
	swift build -c release --package-path Benchmarks --scratch-path .build --product Calibration
	python3 -m venv .build/seeds-python
	.build/seeds-python/bin/pip install -q -r data/requirements.txt
	.build/seeds-python/bin/python Benchmarks/Calibration/weight_tests.py $(CALIBRATION)
	.build/seeds-python/bin/python Benchmarks/Calibration/train_seeds.py --output .build/seeds --seeds $(SEEDS) --continue
	$(CALIBRATION) --seeds .build/seeds seeds recipe

# Needs Python 3; ARGS="--large --output docs/speed-table.md" and more: Benchmarks/README.md.
bench: deps
	Benchmarks/run $(ARGS)

# The page in headless Chromium, which is installed where it is missing and apt-get is there; needs Python 3.
CHROMIUM = $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
test-page: build
	@mkdir -p demo
	@if [ -z "$(CHROMIUM)" ]; then run=""; [ "$$(id -u)" = 0 ] || run=sudo; \
	  $$run apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$run apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null; fi
	$(EQUIPOISE) report $(A) $(B) -o demo/report.html
	$(EQUIPOISE) significance $(A) $(B) --format json -o demo/significance.json
	$(EQUIPOISE) report $(A) $(B) --reference data/dense-l2-1e-5-seed[123] -o demo/noise-floor.html
	$(EQUIPOISE) report --group-a data/conv-l2-1e-5-seed* --group-b data/conv-l2-1e-2-seed* -o demo/runs.html
	$(EQUIPOISE) report $(A) $(B) --predictions-a data/predictions/$(notdir $(A)).npy \
	  --predictions-b data/predictions/$(notdir $(B)).npy --labels data/test-labels.npy -o demo/behavior.html
	python3 -m venv .build/page
	.build/page/bin/pip install -q -r Tests/ReportsTests/Page/requirements.txt
	.build/page/bin/python Tests/ReportsTests/Page/check_page.py demo/report.html demo/noise-floor.html \
	  demo/runs.html demo/behavior.html --document demo/significance.json \
	  --browser "$$(command -v chromium || command -v chromium-browser || command -v google-chrome)" $(PAGE_OPTIONS)

TIME ?= 1800
fuzz: deps
	FuzzTesting/run $(TIME) $(TARGET)

format:
	swift format --in-place --recursive Sources Tests FuzzTesting/Sources Benchmarks/Sources Package.swift FuzzTesting/Package.swift Benchmarks/Package.swift

lint:
	swift format lint --strict --recursive Sources Tests FuzzTesting/Sources Benchmarks/Sources Package.swift FuzzTesting/Package.swift Benchmarks/Package.swift

clean:
	rm -rf .build demo
