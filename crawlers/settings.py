"""Scrapy's settings for every crawl; what differs by source the spider sets from the source's file.

Operators must set the environment variable ``WARRAQ_CONTACT`` to a URL or a mail address at which a site's owner reaches them:
it is sent with every request, in the User-Agent. ``http_proxy``, ``https_proxy`` and ``no_proxy`` are honoured.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from pipeline.settings import read_settings

try:
    VERSION = version("warraq")
except PackageNotFoundError:  # a checkout that was not installed
    VERSION = "dev"

BOT_NAME = "warraq"
SPIDER_MODULES = ["crawlers.spiders"]
NEWSPIDER_MODULE = "crawlers.spiders"
COMMANDS_MODULE = "crawlers.commands"

# Who we are, and what we may do.
CONTACT = read_settings().contact or "https://warraq.example/contact"
USER_AGENT = f"warraq/{VERSION} (+{CONTACT})"
ROBOTSTXT_USER_AGENT = "warraq"  # the product token alone: words of the contact's address must match no rule
ROBOTSTXT_OBEY = True
COOKIES_ENABLED = (
    True  # some sites send a page to itself until it comes with their cookie; a crawl's end forgets them all
)
REFERER_ENABLED = True
REFERRER_POLICY = "no-referrer"
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "ar,*;q=0.5",
    "Accept-Encoding": "gzip, deflate",  # what is archived is kept as sent: every archive tool undoes these two
}

# How gently. Delay, concurrency, time and size limits come from the source's politeness.
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_MAX_DELAY = 60
DOWNLOAD_DELAY_JITTER = 0  # a delay, and robots.txt's Crawl-delay above all, is a least value
DOWNLOAD_VERIFY_CERTIFICATES = True
RETRY_TIMES = 2
RETRY_GIVE_UP_LOG_LEVEL = "DEBUG"  # every page that fails is named in the summary
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False  # news pages refresh themselves; what such a page says is for the cleaning to judge
HTTPERROR_ALLOW_ALL = True  # the spider counts every status
HTTPCACHE_ENABLED = False
DUPEFILTER_CLASS = (
    "scrapy.dupefilters.BaseDupeFilter"  # the spider asks for each URL once; a filter would swallow redirects
)

# Nothing but HTTP, and no door into the process.
DOWNLOAD_HANDLERS = {"data": None, "file": None, "ftp": None, "s3": None}
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

TWISTED_DNS_RESOLVER = "crawlers.middlewares.addresses.Resolver"
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
STATS_DUMP = False
LOGSTATS_INTERVAL = 0  # the spider reports its own progress

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,  # it drops offsite redirects without a word
    "crawlers.middlewares.politeness.HostGuard": 50,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,  # it allows all where robots.txt cannot be had
    "crawlers.middlewares.politeness.Robots": 100,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,  # it fails what is labelled wrongly
    "crawlers.middlewares.codings.ContentCodings": 590,
    "crawlers.middlewares.politeness.DailyBudget": 840,  # before Scrapy counts a request as sent (850)
    "crawlers.middlewares.politeness.CircuitBreaker": 930,
    "crawlers.middlewares.conditional.ConditionalRequests": 940,  # between the archive and decompression
    # Next to the downloader: it sees every response as it was sent, before decompression, redirects and retries.
    "crawlers.middlewares.archive.Archive": 950,
    "crawlers.middlewares.addresses.AddressGuard": 960,  # it knows of the proxy, and sees failures before they are tried again
}
EXTENSIONS = {
    "scrapy.extensions.throttle.AutoThrottle": None,
    "crawlers.middlewares.politeness.Throttle": 0,
    "scrapy.extensions.feedexport.FeedExporter": None,
}
