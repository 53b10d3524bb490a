//go:build linux

package main

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// bed is where the traffic passes: two places that phones are in, and one in between.
type bed struct {
	name   string
	phones [2]netip.Addr // a side's phones
	mover  netip.Addr
	spaces [3]string // network namespaces of both sides and of the middle; empty: this one
	spread bool      // the mover may use all processors, and not its own only
}

// middle is where the mover is; before it come the sides.
const middle = 2

func loopback() *bed {
	return &bed{
		name:   "loopback (no root)",
		phones: [2]netip.Addr{netip.MustParseAddr("127.77.0.2"), netip.MustParseAddr("127.77.1.2")},
		mover:  netip.MustParseAddr("127.77.0.1"),
	}
}

// makeBed makes namespaces where it may.
func makeBed() (*bed, error) {
	if os.Geteuid() != 0 {
		return loopback(), nil
	}
	id := os.Getpid() % 10000
	b := &bed{
		name:   "veth in network namespaces",
		phones: [2]netip.Addr{netip.MustParseAddr("10.77.0.2"), netip.MustParseAddr("10.77.1.2")},
		mover:  netip.MustParseAddr("10.77.0.1"),
		spaces: [3]string{fmt.Sprintf("mba%d", id), fmt.Sprintf("mbc%d", id), fmt.Sprintf("mbb%d", id)},
	}
	if err := b.connect(); err != nil {
		b.remove()
		return nil, err
	}
	return b, nil
}

// connect joins both sides to the mover. What arrives at the mover is received on its processor, and
// so is what it sends to a phone: all that a packet costs is on one.
func (b *bed) connect() error {
	between := b.spaces[middle]
	script := []string{"ip netns add " + between}
	for side, space := range b.spaces[:2] {
		subnet := fmt.Sprintf("10.77.%d.", side)
		script = append(script,
			"ip netns add "+space,
			fmt.Sprintf("ip -n %s link add phones type veth peer name side%d netns %s", space, side, between),
			fmt.Sprintf("ip -n %s addr add %s2/24 dev phones", space, subnet),
			fmt.Sprintf("ip -n %s link set phones up", space),
			fmt.Sprintf("ip -n %s addr add %s1/24 dev side%d", between, subnet, side),
			fmt.Sprintf("ip -n %s link set side%d up", between, side),
			fmt.Sprintf("ip -n %s route add default via %s1", space, subnet),
			fmt.Sprintf("ip netns exec %s sh -c 'echo %x > /sys/class/net/side%d/queues/rx-0/rps_cpus'", between, 1<<moverCPU, side),
		)
	}
	script = append(script, fmt.Sprintf("ip -n %s link set lo up", between))
	for _, line := range script {
		if out, err := exec.Command("sh", "-c", line).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", line, err, strings.TrimSpace(string(out)))
		}
	}
	return nil
}

func (b *bed) remove() {
	for _, space := range b.spaces {
		if space != "" {
			// It fails where connect did not come so far.
			_ = exec.Command("ip", "netns", "del", space).Run()
		}
	}
}

// guard takes the bed away when the program is interrupted, or takes much longer than it can.
func (b *bed) guard() {
	interrupted := make(chan os.Signal, 1)
	signal.Notify(interrupted, os.Interrupt, unix.SIGTERM)
	go func() {
		select {
		case <-interrupted:
		case <-time.After(longest):
		}
		b.remove()
		os.Exit(1)
	}()
}

// longest is twice what all measurements take at their slowest.
const longest = 10 * time.Minute

// command runs a program where the mover is, on its processors.
func (b *bed) command(program string, args ...string) *exec.Cmd {
	processors := fmt.Sprint(moverCPU)
	if b.spread {
		processors = fmt.Sprintf("0-%d", runtime.NumCPU()-1)
	}
	line := append([]string{"taskset", "-c", processors, program}, args...)
	if space := b.spaces[middle]; space != "" {
		line = append([]string{"ip", "netns", "exec", space}, line...)
	}
	c := exec.Command(line[0], line[1:]...)
	c.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // it does not outlive us
	return c
}

// within runs f in one of the three namespaces.
func (b *bed) within(place int, f func() error) error {
	if b.spaces[place] == "" {
		return f()
	}
	failed := make(chan error)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends here, in its namespace
		failed <- b.enter(place, f)
	}()
	return <-failed
}

func (b *bed) enter(place int, f func() error) error {
	space, err := os.Open("/var/run/netns/" + b.spaces[place])
	if err != nil {
		return err
	}
	defer space.Close()
	if err := unix.Setns(int(space.Fd()), unix.CLONE_NEWNET); err != nil {
		return os.NewSyscallError("setns", err)
	}
	return f()
}
