# make test      everything that must hold; installs the peers the tests talk to
# make bench     calls per second on one processor, what a call costs, an overload,
#                with sipp as the witness; BENCH=-h says what may be asked for
# make bench-code  the benchmarks of the hot paths
# make bench-media  packets per second, latency, CPU and memory of the relay,
#                beside a plain loop and rtpengine; as root over namespaces
# make bench-recording  what a packet's time, the processor and the disk are with 500
#                recorded calls, beside the same calls that are not: on all
#                processors, and on one
# make bench-store  look-ups, creates, calls, start with a million, beside the disk's own;
#                creates through the admin socket
# make bench-store-large  the same with ten million live interactions: minutes
# make soak-media   100,000 short sessions leave nothing behind
# make soak-store  200 kill -9 lose nothing that was acknowledged
# make crowd     1,000 real calls at once on a network that loses every tenth
#                packet and delays each by up to 50 ms
# make fuzz      each fuzz target for FUZZTIME (default 30s)
# make demo      a masked call on loopback

GO       ?= go
FUZZTIME ?= 30s
# What the tests need besides Go: command and Debian package.
PEERS    := sipp=sip-tester tshark=tshark baresip=baresip-core kamailio=kamailio sox=sox ffmpeg=ffmpeg python3=python3

.PHONY: test check peers bench bench-code bench-media bench-recording bench-store bench-store-large soak-media soak-store crowd fuzz demo

test: peers check
	$(GO) test -race -timeout 9m ./...

check:
	@unformatted=$$(gofmt -l .); test -z "$$unformatted" || { echo "gofmt would change: $$unformatted"; exit 1; }
	$(GO) vet ./...

peers:
	@packages=; for peer in $(PEERS); do \
		command -v $${peer%%=*} >/dev/null || packages="$$packages $${peer##*=}"; \
	done; \
	if [ -n "$$packages" ]; then \
		echo "installing$$packages"; \
		sudo=$$(test $$(id -u) = 0 || echo sudo); \
		$$sudo apt-get update -qq && \
		$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$packages; \
	fi

bench: peers
	$(GO) run ./cmd/callbench $(BENCH)

bench-code:
	$(GO) test -run '^$$' -bench . -benchmem ./mapping ./store ./media/... ./sip/...

# rtpengine (Debian: rtpengine-daemon) is measured beside ours where it is installed.
bench-media:
	$(GO) run ./cmd/mediabench

bench-recording:
	$(GO) run ./cmd/mediabench -recording

bench-store:
	$(GO) test -run '^$$' -bench 'Disk|Resolve|Create|Call$$|OpenMillion|BesideExhaustion' -benchtime 1s ./store
	$(GO) test -run '^$$' -bench AdminCreate -benchtime 3s ./cmd/maskd/admin

bench-store-large:
	$(GO) test -run '^$$' -bench TenMillion -benchtime 1x -timeout 60m ./store

soak-media:
	MASKD_SOAK_SESSIONS=100000 $(GO) test -count=1 -timeout 30m -run TestSoak -v ./media

soak-store:
	MASKD_STORE_CRASH_ROUNDS=200 $(GO) test -count=1 -timeout 30m -run TestKilledStore -v ./store

crowd: peers
	MASKD_CROWD_CALLS=1000 $(GO) test -count=1 -timeout 5m -run 'TestCrowd' -v ./sip ./cmd/maskd

fuzz:
	@for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | grep '^Fuzz'); do \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) $$package || exit 1; \
		done; \
	done

demo:
	$(GO) run ./cmd/maskd demo
