# Made-up traffic of two sites, the same for the same seed.
#
#   awk -v mode=log -v seed=1 -v now=EPOCH -v days=28 -f traffic.awk     JSON lines, oldest day first, for `ballconed import`
#   awk -v mode=curl -v seed=N -v base=http://127.0.0.1:8888 -v count=20 -f traffic.awk    a curl configuration
#
# In curl mode the visitor's address travels in X-Real-IP, which demo/nginx.conf believes of 127.0.0.1 only.

function pick(list, n) { return list[int(rand() * n) + 1] }
# Small numbers come often, large ones seldom: 1…n, about 1/k.
function zipf(n) { return int(exp(rand() * log(n + 1))) }
function split_lines(text, list) { return split(text, list, "\n") }

function setup(    i, rest) {
  people = split_lines( \
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\n" \
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1\n" \
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36\n" \
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15\n" \
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0\n" \
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0\n" \
    "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36\n" \
    "Mozilla/5.0 (iPad; CPU OS 17_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.7 Mobile/15E148 Safari/604.1\n" \
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36\n" \
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:142.0) Gecko/20100101 Firefox/142.0", human)
  robots = split_lines( \
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)\n" \
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36\n" \
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; +https://openai.com/gptbot\n" \
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)\n" \
    "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)\n" \
    "curl/8.5.0\n" \
    "python-requests/2.32.3\n" \
    "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 42 subscribers)", robot)
  sources = split_lines( \
    "https://www.google.com/\nhttps://www.google.de/\nhttps://duckduckgo.com/\nhttps://news.ycombinator.com/\n" \
    "https://t.co/abc\nhttps://www.reddit.com/r/selfhosted/\nhttps://chatgpt.com/\nhttps://www.bing.com/\n" \
    "https://mastodon.social/\nhttps://lobste.rs/\nhttps://github.com/topics/analytics\nhttps://www.linkedin.com/", source)
  pages["blog.example"] = split_lines("/\n/posts/one-small-process\n/posts/counting-people\n/posts/hyperloglog-in-a-row\n" \
    "/about\n/posts/why-no-javascript\n/archive\n/posts/caf%C3%A9-and-tea\n/tags/swift\n/posts/a-week-of-logs\n/contact\n/tags/nginx", blog)
  pages["shop.example"] = split_lines("/\n/products/cone\n/products/ball\n/cart\n/checkout\n/products/ball-in-cone\n/search\n" \
    "/account\n/products/cup\n/help", shop)
  assets = split_lines("/style.css\n/app.js\n/logo.svg\n/cover.webp\n/favicon.ico", asset)
  lost = split_lines("/wp-login.php\n/.env\n/posts/no-such-post\n/admin.php", missing)
  # Addresses are drawn once: the same visitor comes back from the same place.
  visitors = 4000
  rest = seed
  srand(1)
  for (i = 1; i <= visitors; i++)
    address[i] = int(rand() * 190 + 20) "." int(rand() * 256) "." int(rand() * 256) "." int(rand() * 254 + 1)
  srand(rest)
}

# Fills site, path, status, bytes, seconds, referrer, agent, from, method: one request.
function draw(    who, chance) {
  site = rand() < 0.68 ? "blog.example" : "shop.example"
  isRobot = rand() < 0.17
  who = isRobot ? zipf(40) : zipf(visitors)
  from = address[who]
  agent = isRobot ? robot[(who % robots) + 1] : human[zipf(people)]
  method = "GET"; status = 200; referrer = ""
  chance = rand()
  if (isRobot && chance < 0.12) { path = pick(missing, lost); status = 404 }
  else if (isRobot && chance < 0.2) { path = "/robots.txt"; if (rand() < 0.3) method = "HEAD" }
  else if (chance < 0.26) { path = pick(asset, assets); referrer = "https://" site "/"; if (rand() < 0.3) status = 304 }
  else if (chance < 0.28) { path = "/old"; status = 301 }
  else if (chance < 0.295) { path = "/posts/no-such-post"; status = 404 }
  else if (chance < 0.303) { path = "/broken"; status = 500 }
  else if (chance < 0.306) { path = "/busy"; status = 503 }
  else {
    path = site == "blog.example" ? blog[zipf(pages[site])] : shop[zipf(pages[site])]
    if (path == "/checkout") method = "POST"
    if (!isRobot) {
      chance = rand()
      if (chance < 0.34) referrer = source[zipf(sources)]
      else if (chance < 0.6) referrer = "https://" site "/"
      else if (chance < 0.64) path = path "?utm_source=newsletter&utm_medium=email&utm_campaign=autumn"
      else if (chance < 0.655) path = path "?utm_source=google&utm_medium=cpc&utm_campaign=cones"
    }
  }
  bytes = status == 304 ? 180 : status >= 300 ? 400 + int(rand() * 200) : 1500 + int(exp(rand() * 10.5))
  seconds = exp(-6.2 + 1.1 * (rand() + rand() + rand() + rand() - 2) * 1.7) * (path ~ /search|checkout|broken/ ? 9 : 1)
  if (rand() < 0.004) seconds += 1 + rand() * 3
  protocol = rand() < 0.72 ? "HTTP/2.0" : "HTTP/1.1"
}

function line(time) {
  printf "{\"v\":1,\"t\":\"%d.%03d\",\"s\":\"%s\",\"a\":\"%s\",\"m\":\"%s\",\"u\":\"%s\",\"c\":\"%d\",\"b\":\"%d\",\"d\":\"%.3f\"," \
    "\"h\":\"%s\",\"r\":\"%s\",\"ua\":\"%s\",\"p\":\"%s\"}\n", time, int(rand() * 1000), site, from, method, path, status, bytes,
    seconds, site, referrer, agent, protocol
}

# A day has a rhythm, a week too, and the sites grow a little; one day last week was on the front page of something.
function history(    day, minute, start, weekday, level, hour, expected) {
  start = now - now % 86400
  for (day = days - 1; day >= 0; day--) {
    weekday = int(start / 86400 - day + 3) % 7
    level = (1.25 - 0.02 * day) * (weekday > 4 ? 0.62 : 1) * (day == 9 ? 2.4 : 1)
    if (level < 0.4) level = 0.4
    for (minute = 0; minute < 1440; minute++) {
      hour = minute / 60
      expected = level * (0.55 + 0.9 * exp(-((hour - 14) ^ 2) / 22) + 0.35 * exp(-((hour - 20) ^ 2) / 5))
      for (expected *= 1.6; expected > rand(); expected--) {
        time = start - day * 86400 + minute * 60 + int(rand() * 60)
        if (time >= now) return
        draw(); line(time)
      }
    }
  }
}

function requests(    i) {
  for (i = 0; i < count; i++) {
    draw()
    if (i > 0) print "next"
    printf "url = \"%s%s\"\nheader = \"Host: %s\"\nheader = \"X-Real-IP: %s\"\nuser-agent = \"%s\"\n", base, path, site, from, agent
    printf "output = \"/dev/null\"\nsilent\nmax-time = 5\n"
    if (referrer != "") printf "referer = \"%s\"\n", referrer
    if (status == 304) print "header = \"If-None-Match: \\\"1\\\"\""
    if (method == "HEAD") print "head"
    if (method == "POST") print "data = \"item=cone\""
  }
}

BEGIN {
  setup()
  if (mode == "log") history(); else requests()
}
