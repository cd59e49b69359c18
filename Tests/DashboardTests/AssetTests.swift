import Testing

@testable import Dashboard

@Suite struct AssetTests {
  private let router = Router.fake()

  @Test func `an asset is sent once and then known`() throws {
    let first = router.get("/assets/app.css")
    let tag = try #require(first["ETag"])
    #expect(first["Cache-Control"] == "no-cache")
    #expect(router.get("/assets/app.css", [(.ifNoneMatch, tag)]).status == 304)
    #expect(router.get("/assets/app.css", [(.ifNoneMatch, "\"x\", W/\(tag)")]).status == 304)
    #expect(router.get("/assets/app.css", [(.ifNoneMatch, "*")]).count == 0)
    #expect(router.get("/assets/app.css", [(.ifNoneMatch, "\"x\"")]).status == 200)
    let packed = router.get("/assets/app.css", [(.acceptEncoding, "gzip")])
    #expect(packed["ETag"] != tag && packed["Content-Encoding"] == "gzip" && packed.count < first.count)
    #expect(router.get("/assets/app.css", [(.acceptEncoding, "gzip"), (.ifNoneMatch, packed["ETag"]!)]).status == 304)
    #expect(router.get("/assets/app.css", [(.acceptEncoding, "gzip"), (.ifNoneMatch, tag)]).status == 200)
  }

  @Test func `an address that names the version may be kept for ever`() throws {
    let asset = try #require(AssetTable.compiledIn["dom.js"])
    let version = AssetTable.compiledIn.version
    for (target, isKept) in [
      ("/assets/dom.js?v=\(asset.tag)", true), ("/assets/\(version)/dom.js", true), ("/assets/dom.js", false),
      ("/assets/dom.js?v=0", false),
      ("/assets/0/dom.js", false),
    ] {
      let response = router.get(target)
      #expect(response.status == 200)
      #expect(response["Cache-Control"]?.contains("immutable") == isKept)
    }
  }

  @Test func `a change of one file changes its tag and the version of all`() {
    let first: StaticString = "let a = 1", second: StaticString = "let a = 2"
    func asset(_ name: String, _ text: StaticString) -> Asset {
      unsafe Asset(name: name, start: text.utf8Start, count: text.utf8CodeUnitCount)
    }
    #expect(asset("a.js", first).tag != asset("a.js", second).tag)
    #expect(asset("a.js", first).tag == asset("b.js", first).tag)
    #expect(AssetTable([asset("a.js", first)]).version != AssetTable([asset("a.js", second)]).version)
  }

  @Test func `every module a page asks for is there, and none asks elsewhere`() throws {
    for target in ["/", "/services/blog", "/sql", "/nginx", "/nowhere"] {
      let page = router.get(target).text
      let links = page.split(whereSeparator: { $0 == "\"" }).filter { $0.hasPrefix("/assets/") }
      #expect(links.count >= 4)
      for link in links { #expect(router.get(String(link)).status == 200, "\(link)") }
      #expect(!page.contains("<style") && !page.contains(" style=") && !page.contains(" onclick=") && !page.contains("http://"))
      #expect(
        !page.contains("<script>") && page.contains("<main")
          && page.contains("<h1") == ["/sql", "/nginx", "/nowhere"].contains(target))
    }
  }
}
