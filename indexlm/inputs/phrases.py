"""What walls, checks and offers say, in the languages in which they are met most."""

from __future__ import annotations

import re

NEEDS_SCRIPTS = re.compile(
    r"(?:enable|activate|turn on|switch on|allow|requires?|without|needs?|active[rz]?|activar?|ative|habilit\w+|attiva\w*|"
    r"abilita\w*|aktivier\w+|включ\w+|włącz\w*|schakel)\b.{0,60}\bjava ?scripts?\b"
    r"|\bjava ?script\b.{0,60}(?:enable|disabled|required|turned off|is off|not (?:supported|available)|"
    r"aktivier|deaktiviert|eingeschaltet|désactivé|activé|activad|desactivad|habilit|attiv|disattiv|ingeschakeld|"
    r"inschakel|uitgeschakeld|включ|отключ|włącz|aktivera|aktiver|有効|無効|启用|啟用|开启|禁用|사용|활성)",
    re.IGNORECASE | re.DOTALL,
)
BOT_CHECK = re.compile(
    r"checking (?:if the site connection is secure|your browser)|verif(?:y|ying) (?:that )?you(?: are|'re|’re) (?:a |not )?(?:human|a robot)"
    r"|needs to review the security of your connection|attention required! \| cloudflare|enable javascript and cookies to continue"
    r"|unusual traffic from your|are you a robot|pardon our interruption|complete the (?:captcha|security check)|"
    r"ddos protection by|you have been blocked|please verify you are a human|ich bin kein roboter|"
    r"access denied.{0,200}(?:reference #|permission to access)",
    re.IGNORECASE | re.DOTALL,
)
LOGIN = re.compile(
    r"\b(?:log ?in|sign ?in|logged in|signed in|anmelden|einloggen|se connecter|connectez-vous|connexion|iniciar sesi[óo]n|inicia sesi[óo]n|"
    r"accedi|inloggen|logga in|logg inn|log ind|zaloguj|entrar|войти|войдите|вход)\b|ログイン|登录|登錄|登入|로그인",
    re.IGNORECASE,
)
LOGIN_FIRST = re.compile(
    r"(?:you (?:must|need to|have to) (?:be )?(?:log(?:ged)? ?in|sign(?:ed)? ?in)|(?:log|sign) ?in to (?:continue|view|see|access|read)|"
    r"please (?:log|sign) ?in (?:to|or)|members only|(?:bitte|melden sie sich) (?:an|anmelden|einloggen)|"
    r"connectez-vous pour|inicia sesi[óo]n para|ログインしてください|请先?登录|請先?登入)",
    re.IGNORECASE,
)
COOKIES = re.compile(
    r"\bcookies?\b|\bconsent\b|personal data|personalised ads|legitimate interest|einwilligung|datenschutz|consentement|"
    r"données personnelles|\bgdpr\b|kakor|informasjonskapsler|クッキー|файл(?:ы|ов) cookie",
    re.IGNORECASE,
)
AGREE = re.compile(
    r"\b(?:accept|agree|allow all|reject|decline|manage (?:options|preferences|settings)|akzeptieren|zustimmen|ablehnen|accepter|"
    r"refuser|aceptar|rechazar|accetta|rifiuta|accepteren|akkoord|godkänn|godta|aceitar|принять|akceptuj|zgadzam|同意)",
    re.IGNORECASE,
)
PAYWALL = re.compile(
    r"(?:subscribe|subscription|sign up|register|log ?in|become a (?:member|subscriber))[^.?!]{0,40} to (?:continue|keep) reading"
    r"|(?:to )?(?:continue|keep) reading(?: this (?:article|story))?,? (?:with a|subscribe|please|you need|start|become|log ?in|sign|register|create)"
    r"|subscribe (?:now )?to (?:read|unlock|access) (?:the|this|full|more|all)"
    r"|(?:the rest of )?this (?:article|content|story|post|page) is (?:only |exclusively |reserved )?(?:for|available (?:only )?(?:to|for)) (?:our |paid |paying |premium |registered )?(?:subscribers|members)"
    r"|(?:unlock|read) (?:this|the (?:full|rest of the|entire|whole)) (?:article|story|post) (?:with|by (?:subscribing|becoming)|for (?:just|only|free with))"
    r"|for (?:paid|paying|premium) subscribers"
    r"|you(?:'ve| have|’ve) (?:reached|used|hit|read) (?:your|all|the) [^.]{0,30}(?:limit|free articles)"
    r"|(?:get|start) (?:full|unlimited) access to (?:all|this|every|our) (?:our )?(?:stories|articles?|content)"
    r"|nur für abonnent|(?:weiterlesen|lesen sie weiter|jetzt lesen)[^.]{0,30} mit (?:\w+ ?plus|\w*\+|einem abo|abo|plus)|bereits abonnent|mit (?:einem )?abo weiterlesen"
    r"|(?:article|contenu|suite)[^.]{0,40} réservée? (?:à nos|aux) abonnés|il vous reste [\d.,]+ ?% de cet article"
    r"|(?:contenido|artículo)[^.]{0,30} (?:solo|exclusivo) para suscriptores|suscríbete para (?:seguir|continuar) leyendo"
    r"|riservat[oa] agli abbonati|abbonati per (?:continuare|leggere)|alleen voor abonnees|abonneer u? ?om verder te lezen"
    r"|exclusivo para assinantes|tylko dla prenumeratorów|только (?:для|по) подписч|(?:bara|endast) för prenumeranter|kun for abonnenter"
    r"|会員限定|有料会員|残り[ 　]*[\d,，]+[ 　]*文字|订阅后(?:可|继续)|付费阅读|付費閱讀",
    re.IGNORECASE,
)
