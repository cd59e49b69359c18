import Glibc

@testable import TSEngine

/// What a sketch must do to be accepted, as functions of what is judged: the same check takes the estimator, hash or key
/// that ships and one that is known to be wrong, so that a check too weak to see a mistake turns the suite red itself.
///
/// Large sets are not inserted visitor by visitor (4·10¹⁰ hashes for T = 400 at 10⁸) but drawn from the exact distribution of
/// the registers: with visitors falling on registers at random, a register gets a Poisson number `c` of them (their sum is the
/// true count, so that the sampling of `c` is no error of the estimate), and the largest of `c` ranks is drawn by inverting
/// P(rank ≤ k) = (1 − 2^−k)^c. Registers, and so estimates, are distributed exactly as if every visitor had been hashed.
enum SketchAcceptance {
  typealias Estimator = (Registers) -> Double

  /// Sketches drawn for each number of visitors; `BALLCONED_SKETCH_TRIALS=400`, as `make soak` asks, for the whole table.
  static let trials: Int = unsafe getenv("BALLCONED_SKETCH_TRIALS").flatMap { unsafe Int(String(cString: $0)) } ?? 80
  static let fullTrials = 400.0

  /// 1, 3, 10, … 10⁸, each half decade.
  static let counts: [Double] = (0...16).map { pow(10, Double($0) / 2).rounded() }

  struct Errors {
    var squares = 0.0, sum = 0.0, largest = 0.0, count = 0.0
    mutating func add(_ relative: Double) {
      squares += relative * relative
      sum += relative
      largest = max(largest, abs(relative))
      count += 1
    }
    var rms: Double { (squares / count).squareRoot() }
    var bias: Double { abs(sum / count) }
    /// How much more than at T = 400 the noise of fewer trials may add to a figure.
    var slack: Double { max(1, (fullTrials / count).squareRoot()) }
    var text: String {
      func percent(_ x: Double) -> String { "\((x * 100_000).rounded() / 1_000) %" }
      return "rms \(percent(rms)), bias \(percent(sum / count)), largest \(percent(largest)), T = \(Int(count))"
    }
  }

  /// At T = 400: RMSE 0.9 % and bias 0.14 % for p = 14, twice that for p = 12, four times for p = 10; no error beyond five
  /// sigma. With fewer trials the margin above the sketch's own error, 1.04/√m, grows as the noise of the figures does.
  static func isAccepted(_ errors: Errors, p: Int, visitors: Double) -> Bool {
    let scale = exp2(Double(14 - p) / 2), sigma = HyperLogLog.relativeError(p: p)
    let rms = sigma + (0.0090 * scale - sigma) * errors.slack, bias = 0.0014 * scale * errors.slack
    // One collision among ten visitors is a tenth; it is rare, and no estimator can see it.
    let largest = max(5 * sigma, 2.5 / visitors)
    return errors.rms <= rms && errors.bias <= bias && errors.largest <= largest
  }

  /// The numbers of visitors at which an estimator is not accepted, with what it did there.
  static func failures(
    of estimator: Estimator, p: Int, counts: [Double], trials: Int = trials, report: Bool = false
  ) -> [String] {
    counts.compactMap { count in
      var errors = Errors(), random = SplitMix(seed: seed(count, p))
      for _ in 0..<trials {
        let (sketch, visitors) = draw(count, p: p, &random)
        errors.add(estimator(sketch) / visitors - 1)
      }
      if report { print("sketch p = \(p), n = \(Int(count)), seed \(seed(count, p)): \(errors.text)") }
      return isAccepted(errors, p: p, visitors: count) ? nil : "n = \(Int(count)): \(errors.text)"
    }
  }

  static func seed(_ count: Double, _ p: Int) -> UInt64 { UInt64(count) &* 31 &+ UInt64(p) }

  /// A hash is accepted when a sketch of sequential addresses, as networks and attackers have them, counts them.
  static func failures(ofHash hash: (UInt64) -> UInt64, p: Int = 12) -> [String] {
    [1_000, 10_000, 50_000].compactMap { count in
      var errors = Errors()
      for network in 0..<4 as Range<UInt64> {
        let sketch = Registers(p: p)
        for address in 0..<UInt64(count) {
          unsafe HyperLogLog.insert(VisitorToken(hash: hash(0x0a00_0000 + network << 20 + address)), into: sketch.start, p: p)
        }
        errors.add(sketch.estimate / Double(count) - 1)
      }
      return errors.largest <= 4 * HyperLogLog.relativeError(p: p) ? nil : "\(count) addresses: \(errors.text)"
    }
  }

  // MARK: Drawing

  /// A sketch of about `count` visitors, and how many they are. Small sets are inserted one by one and are exactly `count`.
  static func draw(_ count: Double, p: Int, _ random: inout SplitMix) -> (sketch: Registers, visitors: Double) {
    if count <= 2_000 { return (Registers(p: p, (0..<Int(count)).map { _ in random.token() }), count) }
    let sketch = Registers(p: p), mean = count / Double(1 << p)
    var visitors = 0.0
    for index in 0..<1 << p {
      let here = poisson(mean, &random)
      if here == 0 { continue }
      visitors += here
      let rank = (-log2(-expm1(log(random.unit() + 0x1p-54) / here))).rounded(.up)
      sketch[index] = UInt8(min(max(rank, 1), Double(65 - p)))
    }
    return (sketch, visitors)
  }

  private static func poisson(_ mean: Double, _ random: inout SplitMix) -> Double {
    if mean > 50 {
      let normal = (-2 * log(1 - random.unit())).squareRoot() * cos(2 * Double.pi * random.unit())
      return max(0, (mean + mean.squareRoot() * normal).rounded())
    }
    var product = random.unit(), count = 0.0
    while product > exp(-mean) {
      product *= random.unit()
      count += 1
    }
    return count
  }
}

/// Known to be wrong, and kept: what the acceptance checks must refuse.
enum KnownBad {
  /// Flajolet et al. 2007 with linear counting below 2.5 m: biased where it changes over, 1.6 % at n = 10⁴ and p = 12.
  static func classic(_ sketch: Registers) -> Double {
    let m = Double(1 << sketch.p), values = sketch.values
    let raw = 0.7213 / (1 + 1.079 / m) * m * m / values.reduce(0) { $0 + exp2(-Double($1)) }
    let empty = values.count { $0 == 0 }
    return raw <= 2.5 * m && empty > 0 ? m * log(m / Double(empty)) : raw
  }

  /// FNV-1a: the top bits of neighbouring addresses hardly differ.
  static func fnv(_ address: UInt64) -> UInt64 {
    [24, 16, 8, 0].reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ (address >> $1 & 0xff)) &* 0x100_0000_01b3 }
  }

  /// A counter's key without the audience.
  static func keyWithoutBot(code: Int, isBot: Bool) -> Int { code << 1 }
}
