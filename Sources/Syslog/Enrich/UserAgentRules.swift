/// Our own table of what User-Agents say, one token a row: `kind|token|name|extra`, tokens in lower case.
///
/// | kind | meaning | extra |
/// |---|---|---|
/// | B | browser or app; the earliest row found wins; its version follows the token | how the version is found, see below |
/// | V | `version/` carries a version for others; ` build/` (`-`) ends a phone's model | |
/// | O | platform; the earliest row found wins | its version where the token fixes it, `-` where none is meant |
/// | D | device hint: mobile, tablet, tv, console | |
/// | R | a word of robots; name `~`: no name by itself | kind of bot, see `BotKind`; `engine` is a search engine |
/// | X | looks like a robot's word and is none: cancels the R inside it | |
/// | N | a robot of artificial intelligence, by name; the earliest row found wins | training, search, user, dataset |
///
/// How a browser's version is found:
///
/// - nothing: after the token; `t`: the same + 4 (Trident); `c`: after `Chrome/`;
/// - `v`: after `version/`, else after the token; `s`: after `version/`, else none;
/// - `w`, `A`: after `version/`, else none; `w` is also too weak a sign to be a browser outside Mozilla/…;
/// - `a`, `n`: after the token; an app's own window, an app's network library.
///
/// Order matters inside a kind: what names itself most precisely stands first, engines and what everybody claims to be last.
enum UserAgentRules {
  static let text: StaticString = """
    B|edga/|Edge
    B|edgios/|Edge
    B|edg/|Edge
    B|edge/|Edge
    B|opr/|Opera
    B|opt/|Opera
    B|opx/|Opera
    B|opios/|Opera
    B|opera mini/|Opera Mini
    B|opera mobi|Opera|v
    B|opera tablet|Opera|v
    B|opera tv|Opera|v
    B|opera/9.80|Opera|v
    B|opera/|Opera
    B|opera |Opera
    B|fbav/|Facebook|a
    B|fban/fb|Facebook|a
    B|[fban|Facebook|a
    B|[fb_iab|Facebook|a
    B|fb_iab|Facebook|a
    B|instagram |Instagram|a
    B|barcelona |Threads|a
    B|micromessenger/|WeChat|a
    B|pinterest/|Pinterest|a
    B|[pinterest|Pinterest|a
    B|pinterest for android tablet/|Pinterest|a
    B|pinterest for android/|Pinterest|a
    B|linkedinapp|LinkedIn|a
    B|snapchat/|Snapchat|a
    B|snapchat |Snapchat|a
    B|musical_ly_|TikTok|a
    B|musical_ly|TikTok|a
    B|trill_|TikTok|a
    B|bytedancewebview|TikTok|a
    B|tiktok|TikTok|a
    B|twitterandroid|X|a
    B|twitter for iphone/|X|a
    B|twitter for |X|a
    B|kakaotalk|KakaoTalk|a
    B|kakaostory|KakaoStory|a
    B|naver(|Naver|a
    B| line/|Line|a
    B|weibo (|Weibo|a
    B|__weibo__|Weibo|a
    B|reddit/|Reddit|a
    B|telegram|Telegram|a
    B|discord/|Discord|a
    B|slack/|Slack|a
    B|slack_ssb/|Slack|a
    B|spotify/|Spotify|a
    B|flipboard/|Flipboard|a
    B|teams/|Teams|a
    B|baiduboxapp/|Baidu App|a
    B|bdboxapp|Baidu App|a
    B|gsa/|Google App|a
    B|googleapp/|Google App|a
    B|alipayclient/|Alipay|a
    B|dingtalk/|DingTalk|a
    B|bingsapphire/|Bing App|a
    B|bingweb/|Bing App|a
    B|outlook-ios/|Outlook|a
    B|outlook-android/|Outlook|a
    B|microsoft outlook|Outlook|a
    B|microsoft office|Microsoft Office|a
    B|thunderbird/|Thunderbird|a
    B|electron/|Electron|a
    B|samsungbrowser/|Samsung Internet
    B|yasearchbrowser/|Yandex Browser
    B|yabrowser/|Yandex Browser
    B|yowser/|Yandex Browser
    B|yandexsearch/|Yandex Browser
    B|sznprohlizec/|Seznam
    B|sailfishbrowser/|Sailfish Browser
    B|vivaldi/|Vivaldi
    B|brave/|Brave
    B|brave chrome/|Brave
    B|brave|Brave
    B|duckduckgo/|DuckDuckGo
    B|ddg/|DuckDuckGo
    B|ecosia|Ecosia
    B|whale/|Whale
    B|ucbrowser/|UC Browser
    B|ucbrowser|UC Browser
    B|ucweb|UC Browser
    B|ubrowser/|UC Browser
    B|uc browser|UC Browser
    B|mqqbrowser/|QQ Browser
    B|mqqbrowser|QQ Browser
    B|qqbrowser/|QQ Browser
    B|qqbrowser|QQ Browser
    B| qq/|QQ|a
    B|miuibrowser/|Mi Browser
    B|xiaomi/miuibrowser|Mi Browser
    B|huaweibrowser/|Huawei Browser
    B|hbpc/|Huawei Browser
    B|honorbrowser/|Honor Browser
    B|heytapbrowser/|HeyTap Browser
    B|oppobrowser/|HeyTap Browser
    B|vivobrowser/|Vivo Browser
    B|mzbrowser/|Meizu Browser
    B|quark/|Quark
    B|metasr|Sogou
    B|sogoumobilebrowser/|Sogou
    B|sogoumse|Sogou
    B|360se|360 Browser
    B|360ee|360 Browser
    B|qihoobrowser|360 Browser
    B|qhbrowser|360 Browser
    B|bidubrowser|Baidu Browser
    B|baidubrowser|Baidu Browser
    B|phoenix/|Phoenix
    B|aloha browser/|Aloha
    B|alohabrowser/|Aloha
    B|puffin/|Puffin
    B|coc_coc_browser/|Coc Coc
    B|avastsecurebrowser/|Avast Secure Browser
    B|avast/|Avast Secure Browser
    B|avg/|AVG Secure Browser
    B|maxthon|Maxthon
    B|mxbrowser/|Maxthon
    B|lbbrowser|Liebao
    B|2345explorer|2345
    B|silk/|Amazon Silk
    B|silk-accelerated|Amazon Silk|v
    B|oculusbrowser/|Meta Quest Browser
    B|tenta/|Tenta
    B|qwantmobile/|Qwant
    B|qwantbrowser/|Qwant
    B|kiwi/|Kiwi
    B|mint browser/|Mint Browser
    B|hibrowser/|Hi Browser
    B|odin/|Odin
    B|atom/|Atom
    B|sleipnir/|Sleipnir
    B|dolphin/|Dolphin
    B|dolfin/|Dolphin
    B|mercury/|Mercury
    B|skyfire/|Skyfire
    B|focus/|Firefox Focus
    B|klar/|Firefox Focus
    B|fxios/|Firefox
    B|palemoon/|Pale Moon
    B|seamonkey/|SeaMonkey
    B|waterfox/|Waterfox
    B|librewolf/|LibreWolf
    B|basilisk/|Basilisk
    B|k-meleon/|K-Meleon
    B|camino/|Camino
    B|iceweasel/|Iceweasel
    B|icecat/|IceCat
    B|fennec/|Firefox
    B|minefield/|Firefox
    B|konqueror/|Konqueror
    B|falkon/|Falkon
    B|qupzilla/|QupZilla
    B|epiphany/|GNOME Web
    B|midori/|Midori
    B|otter/|Otter
    B|qutebrowser/|qutebrowser
    B|qtwebengine/|QtWebEngine
    B|rekonq|Rekonq
    B|arora/|Arora
    B|omniweb/|OmniWeb
    B|icab/|iCab
    B|icab |iCab
    B| iron/|Iron
    B|comodo_dragon/|Comodo Dragon
    B|lynx/|Lynx
    B|w3m/|w3m
    B|elinks|ELinks
    B|links (|Links
    B|dillo/|Dillo
    B|netsurf/|NetSurf
    B|ladybird/|Ladybird
    B|netscape/|Netscape
    B|netscape6/|Netscape
    B|navigator/|Netscape
    B|criOS/|Chrome
    B|crios/|Chrome
    B|iemobile/|IE Mobile
    B|iemobile |IE Mobile
    B|trident/|Internet Explorer|t
    B|msie |Internet Explorer
    B|firefox/|Firefox
    B|firefox|Firefox
    B|bonecho/|Firefox
    B|granparadiso/|Firefox
    B|shiretoko/|Firefox
    B|namoroka/|Firefox
    B|chromium/|Chromium
    B|netcast|LG TV Browser
    B|web0s|LG TV Browser
    B|maple|Samsung TV Browser
    B|phx/|Phoenix
    B|phxbrowser/|Phoenix
    B|netfront/|NetFront
    B|nokiabrowser/|Nokia Browser
    B|browserng/|Nokia Browser
    B|series60|Nokia Browser
    B|up.browser/|Openwave
    B|obigo|Obigo
    B|blackberry|BlackBerry|v
    B|bb10|BlackBerry|v
    B|playbook|BlackBerry|v
    B|nintendobrowser/|Nintendo Browser
    B|nx/|NetFront NX
    B|playstation|PlayStation Browser|A
    B|tizenbrowser/|Tizen Browser
    B|tizen|Tizen Browser|v
    B|; wv)|Android WebView|c
    B|chrome/|Chrome
    B|chrome |Chrome
    B|android|Android Browser|A
    B|mosaic|Mosaic
    B|ibrowse/|IBrowse
    B|netpositive|NetPositive
    B|amigavoyager|AmigaVoyager
    B|huawei.hmos.browser|Huawei Browser
    B|nook browser/|Nook
    B|quicktime|QuickTime|a
    B|webtv|WebTV
    B|browser/|Other browser
    B|_browser|Other browser
    B|safari/|Safari|s
    B|applewebkit/|Safari|w
    B|applecoremedia/|AppleCoreMedia|a
    B|cfnetwork/|CFNetwork|n
    B|goggalaxyclient|GOG Galaxy|a
    V| build/|-
    V|version/
    O|windows phone|Windows Phone
    O|windows mobile|Windows Mobile
    O|windows ce|Windows Mobile
    O|xbox|Xbox
    O|windows nt 10.0|Windows|10
    O|windows nt 11.0|Windows|11
    O|windows nt 6.4|Windows|10
    O|windows nt 6.3|Windows|8.1
    O|windows nt 6.2|Windows|8
    O|windows nt 6.1|Windows|7
    O|windows nt 6.0|Windows|Vista
    O|windows nt 5.2|Windows|XP
    O|windows nt 5.1|Windows|XP
    O|windows nt 5.0|Windows|2000
    O|windows nt 4|Windows|NT
    O|windows nt|Windows
    O|windows xp|Windows|XP
    O|windows 98|Windows|98
    O|win98|Windows|98
    O|windows 95|Windows|95
    O|win95|Windows|95
    O|windows me|Windows|ME
    O|win 9x 4.90|Windows|ME
    O|windows 2000|Windows|2000
    O|win32|Windows
    O|win64|Windows
    O|windows|Windows
    O|winnt|Windows|NT
    O|kaios/|KaiOS
    O|kaios|KaiOS
    O|apple tv|tvOS
    O|appletv|tvOS
    O|tvos|tvOS
    O|iphone os |iOS
    O|cpu os |iOS
    O|ipad os |iOS
    O|cpu iphone |iOS
    O|outlook-ios|iOS|-
    O|ios/|iOS
    O|; ios |iOS
    O| ios |iOS
    O|watchos/|watchOS
    O|watchos|watchOS
    O|watch os|watchOS
    O|iphone|iOS|-
    O|ipad|iOS|-
    O|ipod|iOS|-
    O|harmonyos|HarmonyOS
    O|openharmony |HarmonyOS
    O|openharmony|HarmonyOS
    O|tizen |Tizen
    O|tizen|Tizen
    O|web0s|webOS
    O|webos/|webOS
    O|hpwos/|webOS
    O|webos|webOS
    O|netcast|webOS
    O|vidaa|VIDAA
    O|roku/dvp-|Roku
    O|roku|Roku
    O|playstation|PlayStation
    O|nintendo|Nintendo
    O|adr |Android
    O|android-|Android
    O|android/|Android
    O|android |Android
    O|android|Android
    O|cros |ChromeOS|-
    O|mac os x |macOS
    O|mac os x|macOS
    O|mac os|macOS
    O|macintosh|macOS
    O|mac_powerpc|macOS
    O|darwin/||-
    O|symbian|Symbian
    O|symbos|Symbian
    O|series60|Symbian
    O|blackberry|BlackBerry|-
    O|bb10|BlackBerry|10
    O|rim tablet|BlackBerry|-
    O|bada/|Bada
    O|j2me|Java ME
    O|midp|Java ME
    O|freebsd|FreeBSD
    O|openbsd|OpenBSD
    O|netbsd|NetBSD
    O|sunos|Solaris
    O|ubuntu/|Linux
    O|linux|Linux|-
    O|x11|Linux|-
    O|fuchsia|Fuchsia
    D|ipad|tablet
    D|tablet|tablet
    D|tab;|tablet
    D|playbook|tablet
    D|kindle|tablet
    D|sm-t|tablet
    D|sm-x|tablet
    D|gt-p|tablet
    D|nexus 7|tablet
    D|nexus 9|tablet
    D|nexus 10|tablet
    D|xoom|tablet
    D|galaxy tab|tablet
    D|mediapad|tablet
    D|matepad|tablet
    D|touchpad|tablet
    D|lenovo tb|tablet
    D|kfapwi|tablet
    D| pad |tablet
    D|mobile|mobile
    D|iphone|mobile
    D|ipod|mobile
    D|windows phone|mobile
    D|iemobile|mobile
    D|windows ce|mobile
    D|blackberry|mobile
    D|bb10|mobile
    D|opera mini|mobile
    D|opera mobi|mobile
    D|midp|mobile
    D|j2me|mobile
    D|symbian|mobile
    D|symbos|mobile
    D|series60|mobile
    D|kaios|mobile
    D|nokia|mobile
    D|phone|mobile
    D|dalvik/|mobile
    D|profile/|mobile
    D|configuration/|mobile
    D|okhttp_|mobile
    D|watchos|mobile
    D|ucweb|mobile
    D|sonycebrowser|tv
    D|tpapi|tv
    D|ouya|console
    D|fire tv|tv
    D|firetv|tv
    D|stb|tv
    D|-led|tv
    D|uhd|tv
    D|wpe |tv
    D|sraf|tv
    D|webappmanager|tv
    D|chromecast|tv
    D|dvb|tv
    D|atv|tv
    D|model/vestel|tv
    D|fvc/|tv
    D|nettv|tv
    D|inettv|tv
    D|kodi|tv
    D|smart-tv|tv
    D|smarttv|tv
    D|smart tv|tv
    D|googletv|tv
    D|google tv|tv
    D|android tv|tv
    D|androidtv|tv
    D|apple tv|tv
    D|appletv|tv
    D|hbbtv|tv
    D|netcast|tv
    D|web0s|tv
    D|webos.tv|tv
    D|large screen|tv
    D|roku|tv
    D|bravia|tv
    D|crkey|tv
    D|vidaa|tv
    D|viera|tv
    D|aquos|tv
    D|netrange|tv
    D|ce-html|tv
    D|opera tv|tv
    D|espial|tv
    D|philipstv|tv
    D|linux/smart|tv
    D|; aft|tv
    D|maple|tv
    D|dtv|tv
    D|tv box|tv
    D|tvbox|tv
    D|mitv|tv
    D|mibox|tv
    D|iptv|tv
    D| tv |tv
    D| tv;|tv
    D|tv)|tv
    D|_tv|tv
    D|-tv|tv
    D|tv_|tv
    D|(tv;|tv
    D|playstation|console
    D|nintendo|console
    D|xbox|console
    R|bot|~
    R|crawl|~
    R|spider|~
    R|slurp||engine
    R|fetch|~
    R|scrap|~
    R|scan|~|scanner
    R|archiv|~
    R|monitor|~|monitor
    R|preview|~
    R|validat|~
    R|check|~|monitor
    R|headless||tool
    R|http://
    R|https://
    R|.ai/
    R|probe|~|monitor
    R|survey|~
    R|inspect|~|scanner
    R|analyz|~
    R|analys|~
    R|verif|~
    R|audit|~
    R|feed|~|feed
    R|screenshot|~
    R|thumbnail|~
    R|render|~
    R|lighthouse||monitor
    R|phantomjs||tool
    R|puppeteer||tool
    R|playwright||tool
    R|selenium||tool
    R|cypress||tool
    R|python||tool
    R|curl||tool
    R|wget||tool
    R|libwww||tool
    R|wordpress
    R|drupal
    R|nutch
    R|wappalyzer||scanner
    R|uptime|~|monitor
    R|pingdom||monitor
    R|nagios||monitor
    R|zabbix||monitor
    R|newrelic||monitor
    R|datadog||monitor
    R|grabber
    R|sitemap|~
    R|sniff
    R|sqlmap||scanner
    R|nikto||scanner
    R|nmap||scanner
    R|masscan||scanner
    R|zgrab||scanner
    R|facebookexternalhit
    R|facebookcatalog
    R|mediapartners||engine
    R|skypeuripreview
    R|embedly
    R|ia_archiver
    R|//www.
    R|httrack||tool
    R|gtmetrix||monitor
    R|ptst/||monitor
    R|dareboost||monitor
    R|statuscake||monitor
    R|page speed||monitor
    R|pagespeed||monitor
    R|google favicon||engine
    R|-google
    R|google web||engine
    R|ezooms
    R|appinsights||monitor
    R|outbrain
    R|datanyze
    R|silktide
    R|hardenize||scanner
    R|securityheaders||scanner
    R|openvas||scanner
    R|nessus||scanner
    R|qualys||scanner
    R|foregenix||scanner
    R|watchtowr||scanner
    R|marketgoo
    R|hotjar
    R|ruxitsynthetic||monitor
    R|dynatrace||monitor
    R|rigor||monitor
    R|site24x7||monitor
    R|catchpoint||monitor
    R|cloudflare
    R|transcoder
    R|daumoa||engine
    R|optimizer|~
    R|newsnow
    R|ask jeeves||engine
    R|mosaic-
    R|yeti/||engine
    R|synthetic|~|monitor
    R|prerender
    R|splash
    R|mutant
    R|externalhit
    R|metauri
    R|barkrowler
    R|trendsmap
    R|duplexweb
    R|netcraft||scanner
    R|censys||scanner
    R|expanse||scanner
    R|internetmeasurement||scanner
    R|research|~
    R|sindup
    R|geedo
    R|googleimageproxy
    R|google search console||engine
    R|google-
    R|siteimprove
    R|ips-agent
    R|adbeat
    R|infegy
    R|gomezagent||monitor
    R|secureurl
    R|siteaudit
    R|mobileok
    R|zoominfo
    R|yandexaccess
    R|yadirect
    R|googlebot||engine
    R|bingbot||engine
    R|adidxbot||engine
    R|yandexbot||engine
    R|yandeximages||engine
    R|baiduspider||engine
    R|duckduckbot||engine
    R|applebot||engine
    R|sogou web spider||engine
    R|seznambot||engine
    R|qwantify||engine
    R|mojeekbot||engine
    R|naverbot||engine
    R|exabot||engine
    R|coccocbot||engine
    R|bravebot||engine
    R|kagibot||engine
    R|ecosiabot||engine
    R|marginalia||engine
    R|feedly||feed
    R|newsblur||feed
    R|inoreader||feed
    R|freshrss||feed
    R|miniflux||feed
    R|tiny tiny rss||feed
    R|netnewswire||feed
    R|feedfetcher||feed
    R|feedburner||feed
    R|feedbin||feed
    R|rssowl||feed
    R|liferea||feed
    R|y!j-||engine
    R|mastodon/
    R|prometheus/||monitor
    R|blackbox exporter||monitor
    R|better stack||monitor
    R|uptimerobot||monitor
    R|updown.io||monitor
    R|hetrixtools||monitor
    R|freshping||monitor
    R|nodeping||monitor
    R|kube-probe||monitor
    R|elb-healthchecker||monitor
    R|googlehc/||monitor
    R|nuclei||scanner
    R|projectdiscovery||scanner
    R|l9explore||scanner
    R|leakix||scanner
    R|gobuster||scanner
    R|dirbuster||scanner
    R|feroxbuster||scanner
    R|fuzz faster||scanner
    R|acunetix||scanner
    R|netsparker||scanner
    R|zmeu||scanner
    R|jorgee||scanner
    R|shodan||scanner
    X|cubot
    X|botswana
    X|botech
    X|libwww-fm
    X|caboto
    X|robotics
    X|playbot
    X|camscanner
    X|developer preview
    X|technology preview
    X|android preview
    X|preview build
    X|monitorizare
    X|http://bsalsa
    X|research in motion
    X|feedback
    X|checkers
    X|checkout
    N|gptbot|GPTBot|training
    N|oai-searchbot|OAI-SearchBot|search
    N|chatgpt-user|ChatGPT-User|user
    N|chatgpt agent|ChatGPT Agent|user
    N|claudebot|ClaudeBot|training
    N|claude-searchbot|Claude-SearchBot|search
    N|claude-user|Claude-User|user
    N|claude-code|Claude-Code|user
    N|claude-web|Claude-Web|search
    N|anthropic-ai|anthropic-ai|training
    N|perplexitybot|PerplexityBot|search
    N|perplexity-user|Perplexity-User|user
    N|google-agent|Google-Agent|user
    N|google-cloudvertexbot|Google-CloudVertexBot|search
    N|google-geminin|Google-GeminiNotebook|user
    N|google-notebooklm|Google-NotebookLM|user
    N|gemini-deep-research|Gemini-Deep-Research|user
    N|google-pinpoint|Google-Pinpoint|user
    N|google-read-aloud|Google-Read-Aloud|user
    N|googleother|GoogleOther|training
    N|google-extended|Google-Extended|training
    N|applebot-extended|Applebot-Extended|training
    N|amazonbot|Amazonbot|search
    N|amazon-qbusiness|Amazon-QBusiness|user
    N|bedrockbot|bedrockbot|search
    N|novaact|NovaAct|user
    N|meta-externalagent|Meta-ExternalAgent|training
    N|meta-externalfetcher|Meta-ExternalFetcher|user
    N|meta-webindexer|Meta-WebIndexer|search
    N|facebookbot|FacebookBot|training
    N|bytespider|Bytespider|training
    N|tiktokspider|TikTokSpider|training
    N|ccbot|CCBot|dataset
    N|diffbot|Diffbot|dataset
    N|omgili|Omgili|dataset
    N|webzio-extended|Webzio-Extended|training
    N|cohere-ai|cohere-ai|user
    N|cohere-training|cohere-training|training
    N|ai2bot|AI2Bot|dataset
    N|mistralai-user|MistralAI-User|user
    N|duckassistbot|DuckAssistBot|search
    N|youbot|YouBot|search
    N|exasearchbot|ExaSearchBot|search
    N|phindbot|PhindBot|search
    N|andibot|Andibot|search
    N|timpibot|Timpibot|search
    N|imagesiftbot|ImagesiftBot|dataset
    N|img2dataset|img2dataset|dataset
    N|laiondownloader|LAIONDownloader|dataset
    N|velenpublicwebcrawler|Velen|dataset
    N|icc-crawler|ICC-Crawler|training
    N|isscyberriskcrawler|ISSCyberRiskCrawler|training
    N|sbintuitionsbot|SBIntuitionsBot|training
    N|sidetrade|Sidetrade|training
    N|factset_spyderbot|Factset_spyderbot|training
    N|poseidon research|Poseidon|training
    N|cotoyogi|Cotoyogi|training
    N|pangubot|PanguBot|training
    N|petalbot|PetalBot|search
    N|quillbot|QuillBot|training
    N|linguee|Linguee|training
    N|yandexadditional|YandexAdditional|training
    N|semrushbot-ocob|SemrushBot-OCOB|training
    N|atlassian-bot|atlassian-bot|search
    N|cloudflare-autorag|Cloudflare-AutoRAG|search
    N|awario|Awario|dataset
    N|echobox|EchoboxBot|dataset
    N|panscient|Panscient|dataset
    N|thinkbot|Thinkbot|dataset
    N|aihitbot|aiHitBot|dataset
    N|firecrawl|Firecrawl|user
    N|crawl4ai|Crawl4AI|user
    N|kangaroo bot|Kangaroo Bot|training
    N|aiwebindex|AIWebIndex|search
    N|anomura|Anomura|search
    N|klaviyoaibot|KlaviyoAIBot|search
    N|qualifiedbot|QualifiedBot|search
    N|reflectionbot|Reflectionbot|training
    N|shapbot|ShapBot|search
    N|yandexcalendar|YandexCalendar|user
    N|devin|Devin|user
    N|terracotta|TerraCotta|search
    N|manus-user|Manus|user
    """
}
