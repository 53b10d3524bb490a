package recording

// g722 decodes G.722 at 64 kbit/s, mode 1, into samples at 16 kHz. The names are those of the
// blocks and variables of ITU-T G.722 (09/2012), section 6, which gives the arithmetic bit by bit.
type g722 struct {
	low, high subband
	qmf       [24]int // the delay line of the receive filter: odd and even samples in turn
}

// subband is the adaptive predictor and quantizer of one half of the spectrum.
type subband struct {
	s, sz int    // prediction, and the part of it by the zeros
	nb    int    // logarithm of the scale factor
	det   int    // scale factor
	r, p  [3]int // reconstructed and partly reconstructed signal, now and before
	d     [7]int // quantized differences, now and before
	a     [3]int // coefficients of the poles; a[0] has none
	b     [7]int // coefficients of the zeros; b[0] has none
}

func newG722() *g722 {
	return &g722{low: subband{det: 32}, high: subband{det: 8}}
}

// The tables of G.722.
var (
	g722QMF = [12]int{3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11}
	g722QM2 = [4]int{-7408, -1616, 7408, 1616}
	g722QM4 = [16]int{0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0}
	g722QM6 = [64]int{
		-136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360, -8576, -7856,
		-7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688, -1360, -1040, -728,
		24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856, 7192, 6576, 6000, 5456,
		4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136, -432, -136,
	}
	// How the logarithm of the scale factor moves, by the code word.
	g722WL = [16]int{-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60}
	g722WH = [4]int{798, -214, 798, -214}
	// 2048 * 2^(i/32).
	g722ILB = [32]int{
		2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
		2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
	}
)

// decode appends two samples for each octet.
func (g *g722) decode(to []int16, octets []byte) []int16 {
	for _, octet := range octets {
		low, high := g.lower(int(octet&0x3F)), g.higher(int(octet>>6))
		first, second := g.receive(low, high)
		to = append(to, first, second)
	}
	return to
}

func (g *g722) lower(code int) int {
	const limit = 1 << 14
	r := g.low.s + g.low.det*g722QM6[code]>>15
	g.low.adapt(g.low.det*g722QM4[code>>2]>>15, g722WL[code>>2], 18432, 8)
	return min(max(r, -limit), limit-1)
}

func (g *g722) higher(code int) int {
	const limit = 1 << 14
	d := g.high.det * g722QM2[code] >> 15
	r := g.high.s + d
	g.high.adapt(d, g722WH[code], 22528, 10)
	return min(max(r, -limit), limit-1)
}

// receive joins the halves of the spectrum: blocks RECA, RECB, ACCUMC and ACCUMD.
func (g *g722) receive(low, high int) (int16, int16) {
	copy(g.qmf[:], g.qmf[2:])
	g.qmf[22], g.qmf[23] = low+high, low-high
	var first, second int
	for i, c := range g722QMF {
		first += g.qmf[2*i+1] * g722QMF[len(g722QMF)-1-i]
		second += g.qmf[2*i] * c
	}
	return int16(saturate(first >> 11)), int16(saturate(second >> 11))
}

// adapt follows a quantized difference: the scale factor (blocks LOGSC and SCALE), whose logarithm
// has a most, and then the predictor.
func (b *subband) adapt(d, step, most, shift int) {
	b.nb = min(max(b.nb*127>>7+step, 0), most)
	b.predict(d)
	factor := g722ILB[b.nb>>6&31]
	if down := shift - b.nb>>11; down >= 0 {
		b.det = factor >> down << 2
	} else {
		b.det = factor << -down << 2
	}
}

// predict is block 4: the predictor of two poles and six zeros.
func (b *subband) predict(d int) {
	b.d[0], b.r[0], b.p[0] = d, saturate(b.s+d), saturate(b.sz+d)
	b.a[1], b.a[2] = b.poles()
	b.zeros()
	copy(b.d[1:], b.d[:6])
	copy(b.r[1:], b.r[:2])
	copy(b.p[1:], b.p[:2])
	sp := saturate(b.a[1]*saturate(2*b.r[1])>>15 + b.a[2]*saturate(2*b.r[2])>>15)
	b.sz = 0
	for i := 6; i > 0; i-- {
		b.sz = saturate(b.sz + b.b[i]*saturate(2*b.d[i])>>15)
	}
	b.s = saturate(sp + b.sz)
}

// poles returns the new coefficients of the poles: blocks UPPOL2 and UPPOL1.
func (b *subband) poles() (first, second int) {
	sign := func(i int) int { return b.p[i] >> 15 }
	turn := saturate(b.a[1] << 2)
	if sign(0) == sign(1) {
		turn = min(-turn, 32767)
	}
	second = turn>>7 + b.a[2]*32512>>15 - 128
	if sign(0) == sign(2) {
		second += 256
	}
	second = min(max(second, -12288), 12288)
	first = b.a[1]*32640>>15 - 192
	if sign(0) == sign(1) {
		first += 384
	}
	most := saturate(15360 - second)
	return min(max(saturate(first), -most), most), second
}

// zeros moves the coefficients of the zeros: block UPZERO.
func (b *subband) zeros() {
	step := 128
	if b.d[0] == 0 {
		step = 0
	}
	for i := 1; i < len(b.b); i++ {
		move := -step
		if b.d[i]>>15 == b.d[0]>>15 {
			move = step
		}
		b.b[i] = saturate(move + b.b[i]*32640>>15)
	}
}

func saturate(n int) int { return min(max(n, -32768), 32767) }
