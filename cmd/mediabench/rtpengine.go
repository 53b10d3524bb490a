//go:build linux

package main

import (
	"fmt"
	"net"
	"net/netip"
	"time"
)

// control is where rtpengine takes commands.
const control = 22222

// launchRTPEngine starts rtpengine in user space and sets up the calls by its ng protocol.
func launchRTPEngine(b *bed, t task) (*contender, error) {
	path, _ := installed("rtpengine")
	daemon := b.command(path, "--foreground", "--table=-1", "--interface="+t.Listen.String(),
		fmt.Sprintf("--listen-ng=%s:%d", t.Listen, control), "--port-min=20000", "--port-max=29999",
		"--num-threads=1", "--log-level=2", "--log-stderr", "--config-file=none")
	if err := daemon.Start(); err != nil {
		return nil, err
	}
	c := &contender{pid: daemon.Process.Pid, close: func() { _ = daemon.Process.Kill(); _ = daemon.Wait() }}
	if err := b.within(middle, func() error { return c.setUpByNG(t) }); err != nil {
		c.close()
		return nil, fmt.Errorf("rtpengine: %w", err)
	}
	return c, nil
}

func (c *contender) setUpByNG(t task) error {
	conn, err := net.Dial("udp", netip.AddrPortFrom(t.Listen, control).String())
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := awaitPong(conn); err != nil {
		return err
	}
	c.BytesBefore = memory(c.pid)
	start := time.Now()
	for i, call := range t.Calls {
		ids := fmt.Sprintf("7:call-id%s8:from-tag1:a", bencode(fmt.Sprint("call", i)))
		toB, err := command(conn, ids+bencode("sdp")+bencode(sdp(call[0]))+"7:command5:offer")
		if err != nil {
			return err
		}
		toA, err := command(conn, ids+"6:to-tag1:b"+bencode("sdp")+bencode(sdp(call[1]))+"7:command6:answer")
		if err != nil {
			return err
		}
		// The answer for A names the port that A sends to, the offer for B the one that B does.
		c.To = append(c.To, [2]netip.AddrPort{netip.AddrPortFrom(t.Listen, toA), netip.AddrPortFrom(t.Listen, toB)})
	}
	c.BytesIdle = memory(c.pid)
	c.SetUp = float64(time.Since(start).Microseconds()) / float64(len(t.Calls))
	return nil
}

// awaitPong waits until the daemon listens.
func awaitPong(conn net.Conn) error {
	var err error
	for range 50 {
		if _, err = exchange(conn, "d7:command4:pinge"); err == nil {
			return nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	return err
}

// command gives the audio port of the SDP in the reply.
func command(conn net.Conn, dictionary string) (uint16, error) {
	reply, err := exchange(conn, "d"+dictionary+"e")
	if err != nil {
		return 0, err
	}
	return audioPort(reply)
}

func exchange(conn net.Conn, text string) (string, error) {
	if _, err := fmt.Fprintf(conn, "%d %s", time.Now().UnixNano(), text); err != nil {
		return "", err
	}
	if err := conn.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return "", err
	}
	b := make([]byte, 65536)
	n, err := conn.Read(b)
	return string(b[:n]), err
}

func bencode(s string) string { return fmt.Sprintf("%d:%s", len(s), s) }
