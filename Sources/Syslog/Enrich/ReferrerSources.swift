import TSEngine

/// Our own table of where visits come from: `channel|name|patterns`.
///
/// A pattern is a host and its subdomains (`chatgpt.com`), a host under any public suffix when it ends in a dot (`google.`
/// is google.de, images.google.co.uk, and not google.example.org), or a word that campaigns call it by (`=fb`). Of several
/// patterns the longest host wins: gemini.google.com is an assistant, mail.google.com is mail, google.com is search.
enum ReferrerSources {
  struct Source: Sendable {
    let name: String
    let channel: Channel
  }

  /// By host, under its own name.
  static let hosts = table { $0.hasSuffix(".") || $0.hasPrefix("=") ? nil : $0 }
  /// By host without its public suffix.
  static let stems = table { $0.hasSuffix(".") ? $0.dropLast() : nil }
  /// By word.
  static let words = table { $0.hasPrefix("=") ? $0.dropFirst() : nil }

  private static func table(_ key: (Substring) -> Substring?) -> [String: Source] {
    var table: [String: Source] = [:]
    for row in text.split(separator: "\n") {
      let fields = row.split(separator: "|")
      precondition(fields.count == 3)
      let source = Source(name: String(fields[1]), channel: channel(fields[0]))
      for pattern in fields[2].split(separator: " ") {
        if let key = key(pattern) { table[String(key)] = source }
      }
    }
    return table
  }

  private static func channel(_ word: Substring) -> Channel {
    switch word {
    case "ai": return .ai
    case "search": return .search
    case "social": return .social
    case "mail": return .mail
    case "paid": return .paid
    case "other": return .other
    default: preconditionFailure("a channel of no kind")
    }
  }

  private static let text = """
    ai|ChatGPT|chatgpt.com chat.openai.com openai.com com.openai.chatgpt =chatgpt =openai
    ai|Gemini|gemini.google.com bard.google.com com.google.android.apps.bard =gemini
    ai|NotebookLM|notebooklm.google.com
    ai|Claude|claude.ai claude.com com.anthropic.claude =claude =anthropic
    ai|Perplexity|perplexity.ai ai.perplexity.app.android =perplexity
    ai|Copilot|copilot.microsoft.com copilot.com m365.cloud.microsoft copilot.cloud.microsoft edgeservices.bing.com =copilot
    ai|Grok|grok.com x.ai ai.x.grok =grok
    ai|Meta AI|meta.ai
    ai|DeepSeek|deepseek.com com.deepseek.chat =deepseek
    ai|Mistral|mistral.ai =mistral
    ai|Duck.ai|duck.ai
    ai|Qwen|qwen.ai chat.qwenlm.ai tongyi.aliyun.com qianwen.com
    ai|Kimi|kimi.com kimi.ai kimi.moonshot.cn
    ai|Doubao|doubao.com
    ai|Yuanbao|yuanbao.tencent.com
    ai|Ernie|yiyan.baidu.com chat.baidu.com
    ai|Alice|alice.yandex.
    ai|You.com|you.com
    ai|Poe|poe.com
    ai|Phind|phind.com
    ai|Andi|andisearch.com
    ai|Genspark|genspark.ai
    ai|iAsk|iask.ai
    ai|Felo|felo.ai
    ai|Manus|manus.im
    ai|Lumo|lumo.proton.me
    ai|Character.AI|character.ai
    paid|Google Ads|googleads.g.doubleclick.net doubleclick.net googlesyndication.com googleadservices.com =adwords =googleads
    search|Google|google. syndicatedsearch.goog com.google.android.googlequicksearchbox =google
    search|Bing|bing. cn.bing.com com.microsoft.bing =bing
    search|DuckDuckGo|duckduckgo. ddg.gg com.duckduckgo.mobile.android =duckduckgo
    search|Yahoo|yahoo. search.yahoo.co.jp =yahoo
    search|Yandex|yandex. ya.ru com.yandex.browser =yandex
    search|Baidu|baidu. com.baidu.searchbox =baidu
    search|Ecosia|ecosia. com.ecosia.android
    search|Qwant|qwant.
    search|Startpage|startpage. ixquick.
    search|Brave|search.brave.com =brave
    search|Kagi|kagi. =kagi
    search|Mojeek|mojeek.
    search|Naver|naver. com.nhn.android.search
    search|Daum|daum.net
    search|Seznam|seznam.cz
    search|Sogou|sogou.
    search|360 Search|so.com haosou.com
    search|Shenma|sm.cn
    search|Petal Search|petalsearch.
    search|Swisscows|swisscows.
    search|MetaGer|metager.
    search|Presearch|presearch.
    search|Searx|searx. searxng. searx.be searx.space paulgo.io priv.au
    search|Ask|ask.com
    search|AOL|aol.
    search|Lycos|lycos.
    search|Rambler|rambler.ru
    search|Mail.ru|go.mail.ru mail.ru
    search|Coc Coc|coccoc.
    search|Marginalia|marginalia.nu marginalia-search.com
    search|Yep|yep.com
    search|Lilo|lilo.org
    search|Dogpile|dogpile.
    search|T-Online|suche.t-online.de
    search|WEB.DE|suche.web.de
    search|GMX|suche.gmx.net
    search|Virgilio|virgilio.it
    search|Goo|goo.ne.jp
    search|Onet|szukaj.onet.pl
    search|Zapmeta|zapmeta.
    search|Gibiru|gibiru.com
    search|Excite|excite.
    search|WebCrawler|webcrawler.com
    social|Facebook|facebook. fb.com fb.me messenger.com com.facebook.katana com.facebook.orca =facebook =fb =meta
    social|Instagram|instagram. com.instagram.android =instagram =ig
    social|Threads|threads.net threads.com
    social|X|x.com twitter.com t.co com.twitter.android =twitter =x
    social|LinkedIn|linkedin. lnkd.in com.linkedin.android =linkedin
    social|Reddit|reddit. redd.it com.reddit.frontpage =reddit
    social|Hacker News|news.ycombinator.com hckrnews.com hn.algolia.com =hackernews =hn
    social|Lobsters|lobste.rs =lobsters
    social|YouTube|youtube. youtube-nocookie.com youtu.be com.google.android.youtube =youtube
    social|Bluesky|bsky.app bsky.social go.bsky.app xyz.blueskyweb.app =bluesky
    social|Mastodon|mastodon. mstdn. mas.to fosstodon.org hachyderm.io infosec.exchange chaos.social techhub.social =mastodon
    social|Lemmy|lemmy. lemm.ee
    social|TikTok|tiktok. com.zhiliaoapp.musically =tiktok
    social|Pinterest|pinterest. pin.it com.pinterest =pinterest
    social|Snapchat|snapchat. com.snapchat.android
    social|WhatsApp|whatsapp. wa.me com.whatsapp =whatsapp
    social|Telegram|telegram. t.me org.telegram.messenger =telegram
    social|Discord|discord. discordapp.com com.discord =discord
    social|VK|vk.com vk.ru m.vk.com com.vkontakte.android =vk
    social|Odnoklassniki|ok.ru odnoklassniki.ru
    social|Weibo|weibo. com.sina.weibo
    social|Naver Blog|blog.naver.com m.blog.naver.com cafe.naver.com
    social|Baidu Tieba|tieba.baidu.com
    social|Dzen|dzen.ru
    social|Zhihu|zhihu.com
    social|Douban|douban.com
    social|Douyin|douyin.com
    social|Bilibili|bilibili.com
    social|Xiaohongshu|xiaohongshu.com
    social|Tumblr|tumblr. t.umblr.com
    social|Quora|quora.com
    social|Stack Overflow|stackoverflow.com
    social|Stack Exchange|stackexchange.com superuser.com serverfault.com askubuntu.com
    social|Product Hunt|producthunt.com =producthunt
    social|DEV|dev.to
    social|Slashdot|slashdot.org
    social|Medium|medium.com
    social|Flipboard|flipboard.com flip.it flipboard.app
    social|XING|xing.com
    social|Habr|habr.com
    social|Pikabu|pikabu.ru
    social|LiveJournal|livejournal.com
    social|Nextdoor|nextdoor.
    social|Meetup|meetup.com
    social|Twitch|twitch.tv
    social|Vimeo|vimeo.com
    social|Disqus|disqus.com
    social|Tildes|tildes.net
    social|Line|line.me
    social|Kakao|kakao.com
    mail|Gmail|mail.google.com inbox.google.com com.google.android.gm =gmail
    mail|Outlook|outlook.live.com outlook.office.com outlook.office365.com mail.live.com com.microsoft.office.outlook =outlook
    mail|Yahoo Mail|mail.yahoo. com.yahoo.mobile.client.android.mail
    mail|Proton Mail|mail.proton.me mail.protonmail.com account.proton.me ch.protonmail.android
    mail|Yandex Mail|mail.yandex.
    mail|Mail.ru Mail|e.mail.ru
    mail|AOL Mail|mail.aol.
    mail|Fastmail|fastmail.
    mail|GMX Mail|gmx.
    mail|WEB.DE Mail|web.de
    mail|iCloud Mail|mail.icloud.com
    mail|QQ Mail|mail.qq.com
    mail|NetEase Mail|mail.163.com mail.126.com
    mail|Naver Mail|mail.naver.com
    mail|Zoho Mail|mail.zoho.
    mail|Tuta|tuta.com tutanota.com
    mail|HEY|hey.com
    mail|Mailchimp|mailchi.mp list-manage.com campaign-archive.com =mailchimp
    mail|Newsletter|=newsletter =email =e-mail =mail
    other|GitHub|github.com gist.github.com =github
    other|GitLab|gitlab.com
    other|Wikipedia|wikipedia.org
    other|Google News|news.google.com =googlenews
    other|Google Translate|translate.google.com translate.goog
    other|Google Docs|docs.google.com drive.google.com sites.google.com
    other|Google Groups|groups.google.com
    other|Google Meet|meet.google.com chat.google.com calendar.google.com
    other|Google Classroom|classroom.google.com
    other|Yahoo News|news.yahoo.
    other|Yandex Metrica|metrika.yandex. metrica.yandex. webvisor.com
    other|Hugging Face|huggingface.co hf.co
    other|Slack|slack.com com.slack =slack
    other|Microsoft Teams|teams.microsoft.com teams.live.com statics.teams.cdn.office.net
    other|Substack|substack.com
    other|Pocket|getpocket.com
    other|Feedly|feedly.com =feedly
    other|Inoreader|inoreader.com
    """
}
