"""What walls, checks and offers say, in the languages in which they are met most."""

from __future__ import annotations

import re

from indexlm.patterns import late


def _any(*patterns: str) -> re.Pattern[str]:
    return late("|".join(patterns), re.IGNORECASE | re.DOTALL)


NEEDS_SCRIPTS = _any(
    r"(?:enable|activate|turn on|switch on|allow|requires?|without|needs?)\b.{0,60}\bjava ?script\b",
    r"(?:active[rz]?|activar?|ative|habilit\w+|attiva\w*|abilita\w*|aktivier\w+|включ\w+|włącz\w*|schakel)\b"
    r".{0,60}\bjava ?scripts?\b",
    r"(?<!viewed with )\bjava ?script\b"
    r".{0,60}(?:enable|disabled|required|turned off|is off|not (?:supported|available))",
    r"\bjava ?script\b.{0,60}(?:aktiv|deaktiv|eingeschaltet|désactiv|activ|desactiv|habilit|attiv|disattiv|schakel)",
    r"\bjava ?script.{0,60}(?:включ|отключ|włącz|有効|無効|启用|啟用|开启|禁用|사용|활성)",
)
LOADING = _any(
    r"\b(?:loading|please wait|wird geladen|lädt|bitte warten|chargement|veuillez patienter|cargando|caricamento)\b",
    r"\b(?:carregando|ładowanie|wczytywanie|laden|yükleniyor|загрузка|đang tải)\b",
    r"読み込み中|ロード中|加载中|載入中|로딩|กำลังโหลด|جار التحميل|लोड हो रहा",
)
BOT_CHECK = _any(
    r"checking (?:if the site connection is secure|your browser)|needs to review the security of your connection",
    r"verif(?:y|ying) (?:that )?you(?: are|'re|’re) (?:a |not )?(?:human|a robot)|are you a robot|ich bin kein roboter",
    r"attention required! \| cloudflare|enable javascript and cookies to continue|ddos protection by",
    r"unusual traffic from your|pardon our interruption|complete the (?:captcha|security check)|you have been blocked",
    r"access denied.{0,200}(?:reference #|permission to access)",
)
LOGIN = _any(
    r"\b(?:log ?in|sign ?in|logged in|signed in|anmelden|einloggen|se connecter|connectez-vous|connexion|accedi)\b",
    r"\b(?:iniciar sesi[óo]n|inicia sesi[óo]n|inloggen|logga in|logg inn|log ind|zaloguj|entrar|войти|войдите|вход)\b",
    r"ログイン|登录|登錄|登入|로그인",
)
_TO_READ = r"(?! ?to (?:leave|post|add|write|comment|reply|vote|follow|rate|report|edit|create))"
LOGIN_FIRST = _any(
    rf"you (?:must|need to|have to) (?:be )?(?:log(?:ged)? ?in|sign(?:ed)? ?in){_TO_READ}",
    rf"(?:log|sign) ?in to (?:continue|view|see|access|read)|please (?:log|sign) ?in (?=to|or){_TO_READ}",
    r"bitte (?:melden sie sich an|loggen sie sich ein|anmelden)|connectez-vous pour|inicia sesi[óo]n para",
    r"ログインしてください|请先?登录|請先?登入",
)
COOKIES = _any(
    r"\bcookies?\b|\bconsent\b|personal data|personalised ads|legitimate interest|\bgdpr\b",
    r"\b(?:werbe)?tracking\b|personali[sz]ed advert|personalisierte (?:werbung|anzeigen)|publicités? personnalisée"
    r"|traceurs|publicidad personalizada|pubblicità personalizzata",
    r"einwilligung|consentement|données personnelles|kakor\b|informasjonskapsler|クッキー|файл(?:ы|ов) cookie",
)
AGREE = _any(
    r"\b(?:accept|agree|allow all|reject|decline|manage (?:options|preferences|settings)|akzeptieren|ablehnen)",
    r"\b(?:accepter|refuser|aceptar|rechazar|accetta|rifiuta|accepteren|akkoord|godkänn|godta|aceitar|принять|akceptuj)",
    r"\bzustimmen|\bzgadzam|同意",
)
ERROR = _any(
    r"^\W*(?:error:? )?404\W*(?:error\W*)?$|\b404\W{1,3}(?:page |file )?not found|\b403\W{1,3}forbidden"
    r"|\b500\W{1,3}internal server error|\b50[234]\W{1,3}(?:bad gateway|service \w*|gateway time-?out)",
    r"\b(?:page|file|document|url) (?:was |is |could |can)? ?(?:not|n['’]t) (?:be )?found\b",
    r"\bpage (?:does ?n[o'’]t|no longer) exist|\bpage (?:is ?n[o'’]t|is no longer) available"
    r"|can[’']t find th(?:is|at) page",
    r"seite (?:wurde |konnte )?(?:leider )?nicht gefunden|page (?:introuvable|non trouvée)"
    r"|página no (?:encontrada|existe)"
    r"|pagina non trovata|página não (?:foi )?encontrada|nie znaleziono strony|strona nie istnieje|pagina niet gevonden"
    r"|sayfa bulunamadı|страница не найдена|sidan (?:kunde inte hittas|hittades inte)|không tìm thấy trang",
    r"ページが見つかりません|(?:页面|頁面)(?:不存在|未找到|找不到)|找不到(?:该|此|這個)?(?:页面|網頁|頁面)"
    r"|페이지를 찾을 수 없|ไม่พบหน้า|الصفحة غير موجودة|पृष्ठ नहीं मिला",
    r"\b(?:under|down for|scheduled|site|undergoing) maintenance\b|maintenance mode|wartungsarbeiten|wartungsmodus"
    r"|en (?:cours de )?maintenance|en mantenimiento|in manutenzione|em manutenção|bakım(?:da\b| çalışması)"
    r"|メンテナンス中|维护中|維護中",
)
"""Titles of pages that stand in place of others."""
PAYWALL_WORDS = (
    "subscri",
    "continue reading",
    "keep reading",
    "unlock",
    "members",
    "become a member",
    "free articles",
    "full access",
    "unlimited access",
    "abonn",
    "weiterlesen",
    "suscri",
    "suscríb",
    "abbonat",
    "assinant",
    "prenumer",
    "подписч",
    "il vous reste",
    "会員",
    "残り",
    "订阅",
    "付费",
    "付費",
)
"""Every phrase of `PAYWALL` holds one of these, in lower case."""
PAYWALL = _any(
    r"(?:subscribe|subscription|become a (?:member|subscriber))[^.?!]{0,40} to (?:continue|keep) reading"
    r"(?! and get access to the full archive)",  # which WordPress writes below every post
    r"(?:continue|keep) reading(?: this (?:article|story))?,? (?:with a (?:free )?(?:subscription|trial|account)"
    r"|by (?:subscribing|becoming)|subscribe|become a)",
    r"to (?:continue|keep) reading(?: this (?:article|story))?,? (?:please |you (?:need|must|have) (?:to )?)?"
    r"(?:subscribe|log ?in|sign|register|create|start|become)",
    r"subscribe (?:now )?to (?:read|unlock) (?:the (?:full|whole|rest|entire)|this)",
    r"this (?:article|story|post) is (?:only |exclusively |reserved )?(?:for|available (?:only )?(?:to|for)) "
    r"(?:our |paid |paying |premium |registered )?(?:subscribers|members)",
    r"this is a preview of (?:subscription|premium) content",
    r"unlock (?:this|the (?:full|rest of the|entire|whole)) (?:article|story|post)",
    r"this (?:article|story|post) is for (?:paid|paying|premium) subscribers",
    r"you(?:'ve| have|’ve) (?:reached|used|hit) (?:your|all|the) [^.]{0,30}(?:article limit|limit of|free articles)",
    r"(?:get|start) (?:full|unlimited) access to (?:all|this|every|our) (?:our )?(?:stories|articles?)",
    r"nur für abonnent|mit (?:einem )?abo weiterlesen|weiterlesen[^.]{0,20} mit (?:\w+ ?plus|\w*\+|einem abo|abo)\b",
    r"(?:article|contenu|suite)[^.]{0,40} réservée? (?:à nos|aux) abonnés|il vous reste [\d.,]+ ?% de cet article",
    r"(?:contenido|artículo)[^.]{0,30} (?:solo|exclusivo) para suscriptores|suscríbete para (?:seguir|continuar) ley",
    r"riservat[oa] agli abbonati|abbonati per (?:continuare|leggere)|alleen voor abonnees|abonneer u? ?om verder te",
    r"exclusivo para assinantes|tylko dla prenumeratorów|только (?:для|по) подписч",
    r"(?:bara|endast) för prenumeranter|kun for abonnenter",
    r"(?:この記事|続き)は[^。\n]{0,12}会員限定|会員登録[^。\n]{0,12}続きを?お?読|残り[ \u3000]*[\d,，]+[ \u3000]*文字",
    r"订阅后(?:可|继续)|付费阅读|付費閱讀",
)
