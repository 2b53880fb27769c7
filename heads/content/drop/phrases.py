"""Lines that sites write into and around any text: players, pictures, alerts, tools, advertisements, comments."""

from __future__ import annotations

import re

from indexlm.patterns import late

_MEDIA = (
    r"(?:hide|toggle) caption|enlarge this image|(?:image|photo|slide|foto|bild) \d+ (?:of|von|de|di|/) \d+",
    r"view (?:the )?(?:full )?gallery"
    r"|(?:open|view) (?:the )?(?:image|photo)s? in (?:the )?(?:gallery|full ?screen|lightbox)",
    r"bild (?:vergrößern|in lightbox öffnen)|bildergalerie (?:öffnen|ansehen)|agrandir l['’]image"
    r"|ampliar (?:la )?(?:imagen|foto)",
    r"this is a modal window\.?.{0,200}|the media could not be loaded\b.{0,120}"
    r"|beginning of dialog window\b.{0,80}|video player is loading|(?:current|remaining) time .{0,12}",
    r"your browser (?:does not|doesn['’]t|can['’]t) (?:support|play)\b.{0,80}"
    r"|an error occurred\. .{0,60}\bwatch\b.{0,60}",
    r"(?:please )?(?:you need to )?(?:enable|activate|turn on) javascript\b.{0,80}"
    r"|javascript (?:(?:is|seems to be) (?:\w+ ){0,2}(?:disabled|required|needed|necessary|blocked|off|(?<=not )\w+)"
    r"|must be (?:enabled|activated|turned on))\b.{0,60}"
    r"|bitte aktivieren sie javascript\b.{0,80}|veuillez activer javascript\b.{0,80}"
    r"|por favor,? activa javascript\b.{0,80}",
    r"(?:loading|chargement(?: en cours)?|wird geladen|cargando|carregando|caricamento(?: in corso)?|загрузка)"
    r" ?(?:…|\.\.\.)|読み込み中|加载中|載入中|로딩 ?중",
    r"listen to (?:this|the) (?:article|story|post)(?: \d.{0,12})?"
    r"|(?:diesen )?artikel (?:an|vor)(?:hören|lesen)(?: lassen)?|[ée]coute[rz] (?:cet|l['’]) ?article"
    r"|escuchar? (?:este|el) artículo|ouvir (?:o |este )?artigo|ascolta (?:questo |l['’])articolo"
    r"|この記事を(?:聴く|聞く|読み上げる)",
)
_COUNT = r"(?:\d[\d.,]* ?[km]? ?)?"
_SAID = (
    r"(?:likes?|shares?|comments?|replies|reply|saves?|tweets?|retweets?|pins?|claps?|boosts?|reposts?|favou?rites?"
    r"|views?|gefällt mir|teilen|kommentare?|j['’]aime|partager|commentaires?|me gusta|compartir|comentarios?)"
)
_FACTS = (
    rf"{_COUNT}{_SAID}(?:\W+{_COUNT}{_SAID})+",
    r"(?:estimated |est\. )?(?:reading|read) time:? ?(?:~ ?)?\d+ ?min\w*"
    r"|\d+ ?min(?:ute)?s? (?:read|de lecture|de lectura|de leitura)|(?:geschätzte )?lesezeit:? ?(?:ca\. )?\d+ ?min\w*"
    r"|temps de lecture ?:? ?\d+ ?min\w*|tiempo de lectura:? ?\d+ ?min\w*"
    r"|tempo (?:de leitura|di lettura):? ?\d+ ?min\w*|leestijd:? ?\d+ ?min\w*"
    r"|время (?:чтения|на прочтение):? ?\d+ ?мин\w*",
    r"\d[\d.,]* ?k? (?:comments?|shares?|likes?|kommentare?|commentaires?|comentarios?|comentários?|commenti"
    r"|reacties|комментари\w+)|\d+ ?(?:条?评论|件のコメント)|(?:view|show|read|see) (?:all )?(?:\d+ )?comments"
    r"|join the (?:conversation|discussion)|(?:like|upvote) \d* ?(?:dislike|downvote)(?: \d+)?(?: reply)?",
)
_ASKED = r"(?:\s*[?!:.–-].{0,40}|,? (?:log|sign|click|hier|inicia|accede|ingresa|entra)\b.{0,40})?"
"""What is behind a question to members."""
_ALERTS = (
    r"(?:follow|find|like|join) (?:us|\w+) on (?:google news|facebook|twitter|x|instagram|telegram|whatsapp|linkedin"
    r"|youtube|flipboard|msn)\b.{0,80}"
    r"|join (?:our|the) (?:\w+ )?(?:whatsapp|telegram|viber) (?:channel|group)\b.{0,80}",
    r"folgen sie uns (?:auf|bei)\b.{0,60}|suivez-nous sur\b.{0,60}|s[ií]guenos en\b.{0,60}"
    r"|siga(?:-nos| o \w+) no\b.{0,60}|seguici (?:su|anche su)\b.{0,60}|volg ons op\b.{0,60}"
    r"|(?:подписывайтесь|подпишитесь) на (?:наш|\w+ в)\b.{0,80}|читайте нас в\b.{0,60}"
    r"|(?:ताज़ा|ताजा) .{0,60}फॉलो करें",
    r"(?:download|get) (?:the|our) (?!most\b)(?:(?!sample|demo|example|starter|source)[\w’'-]+ ){0,4}app"
    r"(?:,? (?:now|today|here|free|for|on|in|via|to|from (?:the )?(?:apple|app|google|play))\b.{0,60})?"
    r"|(?:turn|switch) on (?:push )?notifications"
    r"|get (?:breaking )?(?:news|the latest)\b.{0,60}\b(?:phone|notifications?|alerts?)\b.{0,40}",
    r"(?:please )?(?:disable|turn off|deactivate|whitelist)\b.{0,20}\bad ?-?block\w*\b.{0,100}"
    r"|(?:we(?:['’]ve| have) )?detected\b.{0,30}ad ?-?block.{0,100}"
    r"|bitte deaktivieren sie\b.{0,20}(?:ad|werbe)-?block.{0,80}|(?:merci de )?désactive[rz]\b.{0,20}bloqueur.{0,80}",
    rf"already (?:a|an) (?:subscriber|member){_ASKED}"
    rf"|(?:bereits|schon) (?:abonnent|registriert|mitglied|kunde)(?: [^.,?]{{0,20}}(?=\?))?{_ASKED}"
    r"|sie haben (?:bereits|schon) ein (?:konto|abo)\b.{0,40}|déjà abonnée?\b.{0,40}"
    rf"|¿?ya (?:eres|tienes) (?:una? )?(?:suscri|cuenta)\w*\b{_ASKED}"
    r"|(?:sei )?già abbonat[oa]\b.{0,40}"
    r"|já (?:é|sou|tem) (?:assinante|conta)\b.{0,40}|al abonnee\b.{0,40}",
    r"subscribe (?:today|now)\b.{0,20}\b(?:get|unlock|read|enjoy)\b.{0,100}"
    r"|il vous reste \d.{0,12} de cet article\b.{0,100}|この記事は(?:有料)?会員限定.{0,40}|残り.{0,3}\d+ ?文字.{0,40}"
    r"|(?:会員登録|ログイン)して(?:続き|全文)を読む.{0,20}",
    r"riproduzione riservata\b.{0,40}|our standards: .{0,50}\b(?:principles|guidelines|code of \w+)"
    r"|conforme a los criterios de.{0,60}"
    r"|(?:spotted|found|see|noticed) (?:a |an )?(?:mistake|error|typo)s?\?"
    r"(?: (?:please |you can )?(?:let|tell|contact|e-?mail|report|write|click|select|send|help|suggest)\b.{0,80})?"
    r"|report (?:a |an )(?:typo|error|correction|mistake)"
    r"|(?:haben sie einen )?fehler (?:gefunden|entdeckt)\?.{0,60}"
    r"|(?:нашли|заметили|увидели) (?:ошибку|опечатку)\?.{0,80}",
    r"(?:this|our) (?:article|post|page|site|story) (?:contains?|may contain|includes?) affiliate links?\b.{0,140}"
    r"|sponsored by .{1,40}|as an amazon associate\b.{0,80}",
)
_ENTRIES = (
    r"(?:this entry was (?:posted|written|published|filed)|this (?:post|article) was (?:posted|filed))"
    r" (?:on|in|by|under)\b(?! \d{4}\b(?!-)).{0,240}"
    r"|this (?:post|article) was (?:written|published) (?:on|under)\b.{0,240}"
    r"|this (?:post|article) was (?:written|published) (?:in|by)\b[^,;\d]{0,80}(?: (?:on|at)\b.{0,120})?"
    r"|you can follow (?:any responses|the comments|this conversation)\b.{0,160}"
    r"|bookmark the permalink\b.{0,120}|dieser (?:beitrag|eintrag) wurde (?:am|unter|von)\b.{0,200}"
    r"|ce(?:tte entrée| billet| message| contenu) a été (?:publiée?|posté)\b.{0,200}"
    r"|esta entrada (?:fue|ha sido) publicada\b.{0,200}|questa voce è stata pubblicata\b.{0,200}"
    r"|dit bericht (?:is|werd) geplaatst\b.{0,200}|(?:запись|эта запись) (?:опубликована|размещена)\b.{0,200}",
)
"""What a blog says below an entry."""
_BOX = (
    r"(?:de |het |deze |dit )?\w*(?:foto|bild|billed|beeld|afbeelding|illustrati|advert|annon[sc]|reklam"
    r"|reclame|video|klip|tweet|gra[fp]|kart|kaart|kort|fakta|kader|boks|bericht|post|inlägg|innlegg)\w*.{0,20}"
)
"""What a text goes on behind, in languages of the north."""
_CHANNELS = (
    r"(?:(?:join|subscribe to) (?:us|our)\b.{0,40}|(?:únete|[uú]nase|suscríbete|síguenos|rejoignez|abonnez|entre|siga"
    r"|receba|inscreva|iscriviti|segui|unisciti|abonnieren|folgen?|volg|присоединя\w+|подпис\w+|подпиш\w+)\b.{0,30}"
    r"\b(?:nuestr[oa]|nos|notre|nosso|nostro|unser\w*|uns|ons|onze|наш\w*|нам|canale?|chaîne|kana[al]l?|канал\w*)\b.{0,40})"
    r"\b(?:whatsapp|telegram|viber|youtube|дзен\w*)\b.{0,80}",
    r"(?:reg[ií]strate|inicia sesión|suscríbete|inscrivez-vous|connectez-vous|abonnez-vous|registrieren sie sich"
    r"|melden sie sich an|registrati|accedi|abbonati|cadastre-se|assine|log in|sign up|sign in|register"
    r"|create (?:a|your) (?:free )?account)\b.{0,30}"
    r"\b(?:to (?:continue|keep (?:reading|watching|listening))"
    r"|(?:para|per|pour|um) .{0,20}(?:seguir|continuar|continuare|lire|weiter))\b.{0,60}",
    rf"(?:de )?(?:tekst|artikel) (?:gaat|loopt) (?:verder|door)(?: (?:onder|na|beneden) {_BOX})?"
    rf"|texten fortsätter (?:under|efter) {_BOX}"
    rf"|(?:artikkelen|artiklen|teksten) fortset?ter (?:under|etter|efter) {_BOX}",
    r"gift (?:this )?(?:article|subscription)|(?:add|set) (?:us |\w+ )?as (?:a|your) preferred source\b.{0,40}",
    r"(?:this|the) (?:summary|article|text|translation) (?:was|is|has been) (?:\w+ )?(?:generated|created|written"
    r"|translated) (?:by|with|using) (?:an )?(?:ai|artificial intelligence)"
    r"(?:[.,;:(-].{0,120}| (?:and|tools?|technology|models?|systems?|assist\w*|software|translat\w*|algorithms?|then)\b"
    r".{0,120})?",
    r"(?:do you have|have you got|got) (?:a )?(?:news )?(?:tip|story)\b.{0,160}"
    r"|(?:what do you think|have your say|share your (?:thoughts|views?))\b.{0,40}\b(?:comments?|below|us)\b.{0,40}"
    r"|click here (?:to (?:sign|subscribe|join)\b.{0,60}|for more (?:details|information))",
    r"\((?:photo|image|picture|foto|bild|imagen) ?(?:by|credits?|source|courtesy of|:|von|de) ?[^.!?]{1,60}\)",
    r"(?:更多精彩|更多.{0,6}(?:资讯|内容|新闻)).{0,20}关注.{0,20}"
    r"|(?:欢迎|请)?(?:扫码)?关注.{0,12}(?:公众号|微信|微博).{0,12}|举报(?:/反馈)?|返回.{0,8}查看更多",
    r"(?:저작권자|ⓒ|<저작권자).{0,60}|.{0,20}무단 ?(?:전재|복제).{0,30}|기사 ?(?:공유|제보|원문).{0,12}"
    r"|.{0,20}無断(?:転載|複製).{0,20}",
)
_CONSENT = (
    r"empfohlene[rs]? (?:redaktionelle[rs]?|externe[rs]?) inhalte?|externer inhalt"
    r"|an dieser stelle (?:finden sie|befindet sich|steht) (?:einen |ein )?extern\w*\b.{0,220}"
    r"|ich bin (?:damit )?einverstanden, dass mir\b.{0,240}"
    r"|mit dem laden (?:des|der)\b.{0,40}akzeptieren sie\b.{0,200}",
    r"this (?:content|video|post|embed) is (?:hosted|provided|embedded) (?:by|from) (?:a )?third\b.{0,200}"
    r"|(?:to|in order to) (?:view|see|display) this (?:content|video|post|embed|map),? "
    r".{0,60}(?:cookies|consent|accept)\b.{0,100}|view this (?:post|photo|profile) on \w+",
    r"pour afficher ce contenu\b.{0,160}|ce contenu (?:est bloqué|n['’]a pas pu)\b.{0,160}"
    r"|para (?:ver|mostrar) este contenido\b.{0,160}|per visualizzare questo contenuto\b.{0,160}"
    r"|deze inhoud (?:is|wordt|kan)\b.{0,120}cookies\b.{0,60}",
)
_TOOLS = (
    r"(?:zur )?merkliste(?: hinzufügen)?|artikel (?:merken|drucken|teilen|versenden)|link kopieren|copy (?:the )?link"
    r"|copier le lien|copiar enlace",
    r"(?:print|e-?mail|share|save|text size)(?:[\s|/,•·]+(?:print|e-?mail|share|save|text size|a\+?|a-|aa))+"
    r"|(?:save|bookmark) (?:this )?(?:article|story|post) for later"
    r"|add to (?:bookmarks|favou?rites|(?:my )?reading list)",
    r"edit (?:this|the) page(?: on \w+)?|(?:suggest|propose) (?:an )?edits?(?: to this page)?"
    r"|improve this (?:page|doc|article)(?: on \w+)?|did this page help(?: you)?",
    r"(?:this (?:topic|thread) is (?:now )?(?:closed|locked)|not open for further replies)\b.{0,60}"
    r"|recently browsing\b.{0,100}|no registered users viewing this page",
    r"(?:quantity|qty|menge|quantité|cantidad|quantità)?\W*(?:add to (?:cart|basket|bag)|in den warenkorb"
    r"|ajouter au panier|añadir al carrito|aggiungi al carrello)"
    r"|(?:quantity\W*)?(?:\(?\d+ in cart\)?\W*)?decrease quantity for .{1,120}increase quantity for .{1,120}",
)
LINES = late(rf"\W*(?:{'|'.join((*_MEDIA, *_FACTS, *_ENTRIES, *_ALERTS, *_CHANNELS, *_CONSENT, *_TOOLS))})\W*\Z")
MAX_LINE = 300  # characters of a line
STATES = late(
    r"\W*(?:play(?:ing)? video|total time .{0,12}|duration \d.{0,8}|(?:stream type|playback rate|seek to) .{0,40}"
    r"|(?:un)?mute|loaded: ?\d.{0,8}|(?:enter |exit )?full ?screen|loading|laden|chargement|cargando|carregando"
    r"|caricamento|загрузка)\W*\Z"
)
"""What players and parts that load say of their state, and what may be said elsewhere as well."""
TAGS = late(
    r"\W*(?:filed under|tags?|tagged(?: (?:in|with|as))?|topics?|categor(?:y|ies)|labels?|posted in"
    r"|in (?:this )?category|schlagw(?:ort|orte|örter)|stichworte|themen|étiquettes|mots-clés|catégories?|etiquetas"
    r"|categorías?|categorias?|argomenti|trefwoorden|теги|метки|рубрики|タグ|カテゴリー?|标签|分类|標籤|태그)\s?[:：]"
)
"""The beginning of a line of links to pages of the same subject."""
_ADVERTS = (
    r"(?:(?:advert(?:isement|ising)?|sponsored|anzeige|werbung|publicit[ée]|publicidade?|реклама"
    r"|anúncio|annuncio|pubblicità|reklam[ae]?|advertentie|mainos|annonse?|annons|広告|广告|廣告|광고|โฆษณา|quảng cáo"
    r"|إعلان|विज्ञापन)s?(?:\W*\Z|\W+(?:continue reading|(?:story|article) continues|scroll (?:down )?to continue)\b))"
    r"|skip advert|(?:(?:the |this )?(?:story|article) continues|continue reading)"
    r" (?:below|after (?:the|this) advert\w*|the main story)\W*\Z"
    r"|(?:der )?(?:artikel|beitrag|text) (?:geht|wird) nach (?:der|dieser) (?:anzeige|werbung) (?:weiter|fortgesetzt)"
    r"|la suite après (?:la|cette) publicité|continúa (?:leyendo )?(?:después de|tras) la publicidad"
    r"|continua (?:a leggere )?dopo la pubblicità|continua (?:depois|após) d?a publicidade"
    rf"|artikel gaat verder (?:onder|na) {_BOX}\Z"
)
"""Advertisements without a text, and what says that a text goes on behind one."""
FURNITURE = late(
    rf"({_ADVERTS})" + r"|(?:(?:was|is|did|do) (?:this|you find this)\b.{0,30}\b(?:helpful|useful|answer your question)"
    r"(?: (?:to|for) you)?(?=\W*(?:\Z|[?:.(\d]|yes\b|no\b))"
    r"|war (?:dies|die|das)\w*\b.{0,20}\b(?:hilfreich|nützlich)(?=[^.!,]{0,30}\?|\W*(?:\Z|ja\b))"
    r"|(?:cet|cette)\b.{0,30}\butile(?=[^.!]{0,30}\?|\W*oui\b)|¿(?:te|le|les|fue|ha)\b.{0,30}\bútil)"
    r".{0,60}\Z"
    r"|(?:thanks!? ?)?we['’]re glad (?:this|it) (?:was|helped)\b.{0,30}\Z|not helpful \d+ helpful \d+\Z"
    r"|(?:thank(?:s| you)|vielen dank|danke|merci|gracias|grazie|obrigado) (?:for|für|pour|por|per|pelo)"
    r" (?:your|ihr|dein|votre|tu|su|il tuo|seu) (?:feedback|rückmeldung|retour|avis|opinión|opinione)\W*\Z"
    r"|press enter or click to view image in full size\Z"
    r"|(?:(?:leave|post|add|write) (?:a|your) (?:reply|comment)|schreibe?n? (?:sie )?einen kommentar"
    r"|laisser un commentaire"
    r"|kommentar (?:hinterlassen|schreiben)|deja (?:un comentario|una respuesta)|lascia un commento"
    r"|deixe um comentário"
    r"|geef een reactie|laat een reactie achter|dodaj komentarz|skriv en kommentar|добавить комментарий"
    r"|コメントを残す"
    r"|发表评论|發表迴響|댓글 (?:달기|남기기))(?: (?:cancel reply|antwort abbrechen|annuler la réponse"
    r"|cancelar (?:la )?respuesta))?"
    r"\W*\Z"
    r"|(?:like )?be the first to (?:like|comment|review|rate|reply)\b.{0,30}\Z|no (?:comments|reviews) yet\W*\Z"
    r"|\W*\d+ (?:person|people) (?:reacted with|liked this)\b.{0,40}\Z"
    r"|(?:(?:have|did) you )?(?:tried|made|try|make|if you (?:tried|made|try|make)) (?:this|my|our) recipe\b"
    r".{0,60}\b(?:let (?:us|me)|share|tag|rate|comment|mention"
    r"|leave (?:an?|your|us|me|some|feedback|comments?))\b.{0,120}\Z",
    re.IGNORECASE,
)
"""The same, questions whether a page was of use, requests to comment, and a button of Medium."""
MEMBERS = late(
    r"\W*(?:your e-?mail address will not be published|deine e-mail-adresse wird nicht veröffentlicht"
    r"|votre adresse e-?mail ne sera pas publiée|tu dirección de correo electrónico no será publicada"
    r"|il tuo indirizzo email non sarà pubblicato|o seu endereço de e-?mail não será publicado"
    r"|je e-?mailadres (?:wordt|zal) niet gepubliceerd|twój adres e-?mail nie zostanie opublikowany"
    r"|ваш (?:адрес )?e-?mail не будет опубликован|din e-postadress kommer inte publiceras"
    r"|メールアドレスが公開されることはありません|您的(?:邮箱|電子郵件)地址不会被公开|이메일 주소는 공개되지 않습니다"
    r"|(?:sorry, )?you (?:must|need to|have to) (?:be )?(?:logged in|log ?in|registered|register|signed in|sign ?in)"
    r"(?: (?:or|and) (?:log ?in|register|sign up))? (?:to|before you can) (?:(?:post|leave|write|submit|add) )?"
    r"(?:a |your )?(?:comments?|reply|review|post)(?: here| on\b.{1,60})?\W*\Z"
    r"|(?:please )?(?:sign up|log ?in|sign in|register)(?: for free)?(?: (?:or|and) (?:log ?in|register|sign up))? to"
    r" (?:(?:post|leave|add) )?(?:a |your )?(?:comments?|reply|join (?:this|the) (?:conversation|discussion))"
    r"(?: here| on \w+)?\W*(?:\Z|already\b)"
    r"|(?:log ?in|sign in) to vote\b"
    r"|(?:log ?in|sign in|sign up|register) to (?:follow|like|favou?rite|upvote|bookmark)\b"
    r"|already (?:have an account|a member|registered)\?|du musst (?:angemeldet|eingeloggt) sein, um\b"
    r"|vous devez (?:vous connecter|être connecté) pour (?:publier|poster|laisser)\b"
    r"|(?:lo siento, )?debes (?:estar conectado|iniciar sesión|acceder) para (?:publicar|dejar|comentar)\b"
    r"|devi (?:essere connesso|effettuare l['’]accesso) per (?:inviare|pubblicare)\b"
    r"|você (?:precisa fazer (?:o )?login|deve estar logado) para (?:publicar|comentar)\b"
    r"|je moet (?:inloggen|ingelogd zijn) om (?:een reactie|te reageren)\b|musisz się zalogować, aby\b"
    r"|для отправки комментария (?:вам )?необходимо|du måste vara inloggad för att (?:publicera|kommentera)"
    r"|コメントを投稿するにはログイン|要发表评论，您必须先?登录"
    r"|who is online\W*\Z|wer ist online\W*\Z|users browsing this (?:forum|thread|topic)\b"
    r"|mitglieder in diesem forum\b|utilisateurs parcourant ce forum\b|usuarios navegando por este foro\b"
    r"|visitano il forum\b)",
    re.IGNORECASE,
)
"""What forms for comments and forums say to those who are no members."""
MAILING = late(
    r">[^<]{0,30}(?:\b(?:unsubscribe(?! (?:users|members|people|someone))|abmelden|abbestellen|afmelden)\b"
    r"|d[ée]sabonner|d[ée]sinscri|darse de baja|cancelar (?:la |tu |su )?suscripci|disiscri|descadastr|wypisz"
    r"|отписаться|退订|取消订阅|配信停止"
    r"|購読解除|수신\s?거부|\bview (?:\w+ )?(?:e-?mail|message|newsletter) (?:in|on) "
    r"|\b(?:manage|update|change) your (?:e-?mail |subscription |newsletter )*preferences"
    r"|\b(?:view|open) (?:\w+ )?(?:in|on) (?:your |a )?browser"
    r"|im browser (?:ansehen|anschauen|anzeigen|betrachten|lesen|öffnen)|(?:mail|letter|version)\w* im browser"
    r"|version en ligne"
    r"|\b(?:voir|affich|li[rs]e|ouvrir|visualis|consult)[^<]{0,30} dans (?:votre|un|le) navigateur"
    r"|\b(?:ver|verlo|abr[aei]|leer|léa|visuali[cz])[^<]{0,30} en (?:el|tu|su) navegador"
    r"|\b(?:visualizz|apri|legg|guard|ved)[^<]{0,30} nel (?:tuo )?browser"
    r"|\b(?:ver|veja|abr|ler|leia|visualiz)[^<]{0,30} no (?:seu )?navegador)[^<]{0,40}</a>"
    r"|\be-?mail forwarded to you\b",
    re.IGNORECASE,
)
"""A link that ends a subscription, or shows a mail in a browser, and who was sent a mail by another reader."""
MAILING_SIGNS = (
    "scr", "cadas", "melden", "bestellen", "sabonner", "darse de baja", "wyp", "отп", "退订", "取消订阅",
    "配信停止", "購読解除", "수신", "ew ", "preferences", "browser", "en l", "gateur", "navegador", "forwarded to you",
)  # fmt: skip
"""What `MAILING` finds holds one of these in small letters (`str.casefold`): most links are told by them faster.

None has an `i`, of which there are several that a pattern takes for one and `casefold` does not.
"""
