import Testing

@testable import TSEngine

@Suite struct DimensionTests {
  @Test func `every dimension is found by its name`() {
    for dimension in Dimension.allCases { #expect(Dimension(name: dimension.name) == dimension) }
    #expect(Dimension(name: "nothing") == nil)
  }
  @Test func `countries are sorted, distinct and fit a byte`() {
    #expect(Country.codes.count <= 256)
    #expect(Array(Country.codes.dropFirst(2)) == Set(Country.codes.dropFirst(2)).sorted())
    #expect(Country(code: "DE").code == "DE")
    #expect(Country(code: "Q1") == .unknown)
  }
}
