"""What the surroundings of a page's content say of themselves, in the languages in which they are met most.

All is for texts in lower case: so a pattern is left at its first letter.
"""

from __future__ import annotations

import re

from indexlm.patterns import late


def _whole(*patterns: str) -> re.Pattern[str]:
    """A pattern of all of a text but for the signs around it."""
    return late(rf"\W*(?:{'|'.join(patterns)})\W*\Z")


def _some(*patterns: str) -> re.Pattern[str]:
    return late("|".join(patterns))


_ALSO = (
    r"you (?:may|might|could) (?:also )?(?:like|love|enjoy|be interested in)|you['’]ll (?:also )?(?:like|love)",
    r"(?:also|more) (?:to read|to explore|to love|like this)|explore more|keep exploring|(?:read|see"
    r"|watch) (?:also|next|more)|what to read next",
    r"related (?:articles?|posts?|products?|stories|content|news|pages|items|reading|links|topics|jobs|events"
    r"|videos)",
    r"related|recommended(?: (?:for you|articles?|reading|products?|posts|stories))?|recommendations",
    r"similar (?:articles?|posts?|products?|items|stories|pages|jobs|listings|properties)",
    r"(?:customers|people|others|visitors|users)(?: who \w+ this(?: \w+)?)? also (?:\w+)",
    r"recently viewed(?: (?:items|products))?|frequently bought together|most (?:read|popular|viewed|shared)",
    r"(?:recent|popular|trending|more|other|further) (?:articles?|posts?|stories|products?)|recent comments"
    r"|trending(?: now)?",
    r"more from (?:this \w+|the author|our blog|[\w&' ]{1,25})|don['’]t miss|up next",
    r"more (?:on|about) (?:this|the) \w+|similar content(?: being viewed by others)?|recommended (?:from|reads)[\w ]*",
    r"you might have missed|(?:our )?latest (?:posts|articles|stories)|(?:latest|recent) from [\w&' ]{1,25}",
    r"das könnte (?:sie|dich|ihnen|dir) auch (?:interessieren|gefallen)|auch interessant|mehr zum thema"
    r"|lesen sie auch",
    r"(?:ähnliche|verwandte|weitere|passende|empfohlene) (?:artikel|beiträge|produkte|themen|seiten|meldungen"
    r"|angebote)",
    r"zuletzt angesehen|meistgelesen|kunden kauften auch|weiterlesen|mehr aus .{3,25}|neueste beiträge"
    r"|beliebte (?:artikel|beiträge)",
    r"(?:à|a) (?:lire|voir|découvrir) (?:aussi|également)|lire aussi|sur le même (?:sujet|thème)"
    r"|dans la même rubrique",
    r"vous aimerez aussi|cela (?:pourrait|peut) (?:aussi )?vous (?:intéresser|plaire)|les plus lus"
    r"|articles récents|poursui\w+ (?:la|votre) lecture",
    r"vous pourriez (?:aussi |également )?(?:aimer|être intéressés? par)",
    r"(?:articles?|produits?|contenus?|pages) (?:liée?s?|similaires?|connexes?|associée?s?|recommandée?s?)",
    r"(?:también )?(?:te|le|les) (?:puede|podría|pueden) (?:también )?(?:interesar|gustar)",
    r"(?:también|quizá) (?:te|le) (?:puede|podría) (?:interesar|gustar)|lee también|sigue leyendo|más leíd[oa]s"
    r"|te recomendamos",
    r"(?:artículos|productos|noticias|entradas|contenidos?|páginas) (?:relacionad[oa]s?|similares|recomendad[oa]s?)",
    r"(?:leia|veja) (?:também|mais)|você (?:também )?(?:pode|vai|poderá) (?:também )?(?:gostar"
    r"|se interessar)(?: de)?",
    r"(?:artigos|produtos|notícias|posts|conteúdos?|matérias) (?:relacionad[oa]s?|semelhantes|recomendad[oa]s)",
    r"mais lidas|posts recentes|quem viu, viu também",
    r"(?:ti )?potrebbe(?:ro)? (?:anche )?interessar[tv]i(?: anche)?"
    r"|ti potrebbe(?:ro)? (?:anche )?(?:interessare|piacere)",
    r"leggi anche|(?:articoli|prodotti|notizie|contenuti) (?:correlat[ie]|simili|consigliat[ie])|i più letti",
    r"lees (?:ook|verder|meer)|(?:gerelateerde|vergelijkbare|aanbevolen) (?:artikelen|berichten|producten|paginas)",
    r"(?:dit vindt u|dit vind je|misschien) (?:misschien )?ook (?:interessant|leuk)|anderen bekeken ook"
    r"|meest gelezen",
    r"läs (?:också|även|mer)|du kanske (?:också )?gillar|(?:relaterade|liknande) (?:artiklar|produkter|inlägg"
    r"|nyheter)",
    r"les også|læs også|(?:relaterte|relaterede|lignende) (?:artikler|produkter|saker|nyheder)|mest (?:lästa"
    r"|lest|læste)",
    r"lue (?:myös|lisää)|(?:aiheeseen liittyvä\w*|samankaltais\w+|vastaava\w*)(?: \w+)?|katso myös|luetuimmat",
    r"(?:zobacz|czytaj|przeczytaj|sprawdź) (?:też|także|również|dalej)|(?:podobne|powiązane) (?:artykuły|wpisy"
    r"|produkty)",
    r"może (?:ci|cię|cie|państwa) (?:też |także |również )?(?:zainteresować|zainteresuje|spodoba się)"
    r"|najczęściej czytane",
    r"(?:bunlar|bu) da ilginizi çekebilir|ilginizi çekebilir|(?:benzer|ilgili) (?:yazılar|ürünler|haberler"
    r"|içerikler)",
    r"çok okunanlar|bunları da okuyun",
    r"(?:читайте|смотрите) также|похожие (?:статьи|товары|записи|новости|материалы)|(?:вам )?(?:может"
    r"|будет) (?:также )?"
    r"(?:понравиться|интересно|быть интересно)|по теме|материалы по теме|рекомендуем|самое читаемое"
    r"|с этим товаром покупают",
    r"διαβάστε (?:επίσης|ακόμη|ακόμα|περισσότερα)|δείτε (?:επίσης|ακόμη)|σχετικά (?:άρθρα|προϊόντα|νέα)"
    r"|μπορεί (?:επίσης )?να σας (?:αρέσει|ενδιαφέρει)",
    r"(?:اقرأ|شاهد|إقرأ) (?:أيضا|أيضاً|أيضًا|المزيد)|(?:مقالات|مواضيع|أخبار|منتجات) (?:ذات صلة|مشابهة|ذات علاقة|متعلقة)"
    r"|قد (?:يعجبك|يهمك)(?: أيضا| أيضاً| أيضًا)?|الأكثر قراءة",
    r"(?:אולי )?(?:יעניין|יעניינו) (?:אותך|אתכם)(?: גם)?|(?:כתבות|מוצרים|מאמרים) (?:קשורים|קשורות|דומים|נוספים"
    r"|נוספות)"
    r"|קראו (?:גם|עוד)|ראו גם",
    r"関連(?:記事|商品|ページ|情報|リンク|ニュース|コンテンツ|する記事)|(?:こちらの|この)(?:記事"
    r"|商品)も(?:おすすめ|読まれています)?"
    r"|(?:あなたへの)?おすすめ(?:の?(?:記事|商品))?|あわせて読みたい|ほかの記事.{0,5}|人気(?:の)?記事"
    r"|最近(?:見た商品|の投稿)|よく読まれている記事",
    r"(?:相关|相關|推荐|推薦|延伸|热门|熱門|猜你)(?:阅读|閱讀|文章|新闻|新聞|产品|產品|商品|推荐|推薦|内容|內容"
    r"|喜欢|喜歡|链接)",
    r"您可能(?:还|還|也)?(?:喜欢|喜歡|感兴趣|感興趣)(?:的.{0,4})?|大家都在看",
    r"관련 ?(?:기사|글|상품|뉴스|게시물|콘텐츠)|추천 ?(?:기사|상품|글|콘텐츠)|(?:이런 상품|이 글|이 기사)(?:도"
    r"|은) .{1,12}"
    r"|많이 본 (?:기사|뉴스)|함께 보면 좋은 .{1,6}",
    r"(?:यह|ये|इसे) भी (?:पढ़ें|पढ़ें|देखें)|संबंधित (?:लेख|खबरें|समाचार|उत्पाद)|और (?:पढ़ें|पढ़ें)",
    r"(?:บทความ|ข่าว|สินค้า|เรื่อง|เนื้อหา)ที่(?:เกี่ยวข้อง|คล้ายกัน|น่าสนใจ)|คุณอาจ(?:สนใจ|ชอบ).{0,12}|อ่าน(?:เพิ่มเติม|ต่อ)"
    r"|แนะนำสำหรับคุณ",
    r"có thể bạn (?:quan tâm|thích)|(?:bài viết|tin|sản phẩm) (?:liên quan|tương tự|khác|cùng chuyên mục)"
    r"|xem thêm|đọc thêm",
)
RELATED = _whole(*_ALSO)
"""Names of lists of other pages."""
LEADS_ON = late(rf"\W*(?:{'|'.join(_ALSO)})\s?[:：\n]")
"""The beginning of a block that names other pages."""
_LETTER = (
    r"(?:newsletters?|mailing[ -]?list|e-?mail (?:list|updates|alerts)|nieuwsbrief|nyhetsbrev\w*"
    r"|nyhedsbrev\w*"
    r"|uutiskir\w+|infolettre|boletín|boletim|bulletin|rundbrief|newsletter\w*|biuletyn\w*|(?:to|in|into) your inbox"
    r"|posteingang)"
)
LETTERS = late(
    rf"\W*(?:[^.?!]{{0,60}}\?\W*)?"
    rf"(?:(?:please|stay|never|don['’]t|do not|want|keep|be the first|for more|if you|to get|love"
    rf"|enjoy\w*)\b[^.]{{0,50}}[.,:;!?–—-]\W*)?"
    rf"(?:(?:sign up|subscribe|join|register|get our|get the|receive our|stay)\b[^.]{{0,40}}\b{_LETTER}\b"
    r"|stay in touch and get notified\b"
    r"|(?:get|receive|create|set up)\b[^.]{0,30}\b(?:job alerts?|jobs (?:like this )?by e-?mail)"
    r"|.{0,30}\b(?:jobs?|stellen\w*|angebote) per e-?mail|erhalten sie\b[^.]{0,40}\b(?:postfach|per e-?mail)"
    rf"|(?:zum|unser\w*|jetzt|melden sie sich|abonnieren sie|kostenlos\w*)\b[^.]{{0,40}}{_LETTER}\b"
    rf"|(?:inscrivez|abonnez|recevez|inscription|abonnement|rejoignez)\b[^.]{{0,40}}{_LETTER}\b"
    rf"|(?:suscr[ií]b\w+|reciba|recibe|apúnt\w+|inscr[ií]b\w+|assin[ea]\w*|receba|cadastre\w*|inscreva\w*)\b"
    rf"[^.]{{0,40}}{_LETTER}\b"
    rf"|(?:iscri\w+|ricevi|abbonati)\b[^.]{{0,40}}{_LETTER}\b"
    rf"|(?:schrijf|meld|abonneer|ontvang)\b[^.]{{0,40}}{_LETTER}\b"
    rf"|(?:prenumerera|anmäl|meld deg|tilmeld|abonner|få)\b[^.]{{0,40}}{_LETTER}\b"
    rf"|(?:tilaa|liity)\b[^.]{{0,40}}{_LETTER}\b"
    rf"|(?:zapisz|subskrybuj|dołącz)\b[^.]{{0,40}}{_LETTER}\b"
    r"|[^.]{0,20}bülten\w*[^.]{0,20}\b(?:abone|kayıt|katıl)|(?:подпи(?:шитесь|сывайтесь|ска)"
    r"|получайте)[^.]{0,30}(?:рассылк|новост)"
    r"|εγγραφ\w+[^.]{0,30}(?:newsletter|δελτίο)|(?:اشترك|اشتركوا|انضم)[^.]{0,30}(?:النشرة|نشرتنا|القائمة البريدية)"
    r"|(?:הירשמ\w+|הרשמה|הצטרפ\w+)[^.]{0,20}(?:ניוזלטר|לרשימת התפוצה|לידיעון)"
    r"|(?:メールマガジン|メルマガ|ニュースレター)[^。]{0,10}(?:登録|購読|受け取)|(?:订阅"
    r"|訂閱)[^。]{0,10}(?:邮件|电子报|電子報|通讯|通訊|资讯|newsletter)"
    r"|(?:뉴스레터|소식지)[^.]{0,8}(?:구독|신청|받아)|[^।]{0,15}न्यूज़?लेटर[^।]{0,15}(?:सदस्यता|सब्सक्राइब)"
    r"|(?:สมัคร|รับ)[^.]{0,12}(?:จดหมายข่าว|ข่าวสาร)|đăng ký[^.]{0,15}(?:bản tin|nhận tin))",
)
"""The beginning of a request to take letters."""
STAY = _whole(
    r"(?:stay|keep) (?:informed|connected|updated|up[ -]to[ -]date|in the (?:loop|know))"
    r"|keep up with us|join \d[\d,.]*\+? \w+",
    r"(?:immer |bleiben sie |bleib )?(?:auf dem laufenden|informiert)|restez (?:informés?|connectés?"
    r"|au courant)|nos actualités par mail",
    r"recib[ea] (?:nuestras|las) novedades|mantente (?:informado|al día)|fique por dentro"
    r"|receba (?:as )?novidades|resta aggiornato",
    r"blijf op de hoogte|håll dig uppdaterad|pysy ajan tasalla|bądź na bieżąco|будьте в курсе|最新情報を受け取る",
)
"""Names of requests to take letters."""
ABOUT_LETTERS = _some(
    r"mailing[ -]?lists?|subscri|sign(?:ing)?[ -]?up|e-?mail (?:preferences|settings|updates|lists?)|abbestell"
    r"|abonnier|abmeld",
    r"^\W*(?:our |the |unser(?:en)? )?newsletters?\b[^a-z0-9]*(?:$|[|–—-])|désabonn|désinscri|suscri|рассылк"
    r"|отписаться",
    r"メルマガ|メールマガジン|구독|订阅|訂閱|退订",
)
"""Titles of pages about letters that readers take."""
_WORK = (
    r"(?:(?:our|my|this|his|her|their|independent|local)"
    r" (?:work|journalism|reporting|mission|site|blog|podcast|project)|us\b)"
)
SUPPORTS = late(
    rf"\W*(?:we have a (?:small |little )?favou?r to ask|(?:please )?(?:help (?:us )?)?support {_WORK}"
    r"|if you (?:like|enjoy|find|found|value)\w*\b.{0,60}\b(?:support(?:ing)?|donat\w+|becom\w+ a (?:member|patron))\b"
    r"|(?:donate|give) (?:now|today|monthly)|make a (?:donation|contribution|gift)\b|buy (?:me|us) a (?:coffee|beer)"
    rf"|(?:join|support|follow) (?:us|me) on patreon|help (?:us )?keep {_WORK}"
    r"|unterstützen sie (?:uns|unsere|unabhängig)|jetzt (?:spenden|unterstützen)|wir brauchen ihre unterstützung"
    r"|soutenez(?:-nous| (?:notre|nos|le|la)\b)|fai(?:tes|re) un don\b|nous avons besoin de (?:vous|votre soutien)"
    r"|ap[oó]yanos|apoya (?:a|nuestro|el periodismo)|haz (?:una donación|un donativo)|hazte soci[oa]"
    r"|dona (?:ahora|hoy|ora)|sostienici|sostieni (?:il nostro|l['’]informazione)|fai una donazione"
    r"|apoie (?:o nosso|nosso|o jornalismo)|faça uma doação|doe agora|steun ons|doneer nu"
    r"|поддержите (?:нас|нашу|наш)|сделайте пожертвование|支持我们|請支持)"
)
"""The beginning of a request to give."""
ABOUT_SUPPORT = _some(
    r"donat|support|fundrais|giv(?:e|ing)\b|member|patron|volunteer|contribut|spend|förder|unterstütz|soutenir"
    r"|\bdons?\b"
    r"|apoy|donaci|soci[oa]s|sosten|donazion|apoi|doaç|steun|doneer|поддерж|пожертв|捐|支持|寄付"
)
"""Titles of pages about how to give."""
_NETWORKS = (
    r"facebook|twitter|x|linkedin|whatsapp|pinterest|reddit|telegram|tumblr|instagram|youtube|mastodon|bluesky"
    r"|threads|xing"
    r"|vk|вконтакте|line|weibo|微博|微信|카카오톡|messenger|e-?mail|mail"
)
_NETWORK = rf"(?:{_NETWORKS}|فيسبوك|פייסבוק|페이스북|फेसबुक|เฟซบุ๊ก|facebook\w{{0,4}}|\w+['’]t[ae]|twitter\w{{0,4}})"
_SENT = (
    rf"(?:this|it|the|us|article|page|post|story|news|event|recipe|product|job|by|on|to|via|with|friends?|your|link|a"
    rf"|{_NETWORK})"
)
SHARES = _whole(
    rf"(?:share|tweet|pin)(?: {_SENT})*|(?:post|send|save)(?: {_SENT})+|spread the word|tell a friend|(?:e-?mail"
    rf"|send)(?: this \w+)? to a friend|(?:spread the word|share(?: this)?)(?:\W+(?:{_NETWORKS}))+"
    rf"|follow us(?: on \w+)?|copy link|link kopieren|copier le lien|print(?: this(?: page)?)?",
    rf"(?:(?:auf|bei|per|mit|in|zu|über) {_NETWORK} )?(?:teilen|weiterempfehlen)(?: (?:auf|per|mit) {_NETWORK})?",
    r"weitersagen|(?:seite|artikel|beitrag|diese seite|diesen artikel) (?:teilen|drucken|weiterempfehlen)"
    r"|folgen sie uns",
    rf"(?:partager|compartir|comparte|compartilhar|compartilhe|partilhar|condividi|delen|deel|dela|del|jaa"
    rf"|udostępnij|поделиться"
    rf"|κοινοποίηση|κοινοποίησε|شارك|مشاركة|שתפו|שיתוף|chia sẻ)(?: (?:cet|cette|este|esta|questo|questa|dit"
    rf"|deze|den|tämä|to|это|"
    rf"article|page|artículo|página|artigo|articolo|pagina|artikel|sidan|sivu|artykuł|sur|en|no|na|su|via|op|på"
    rf"|w|в|στο|على|ב"
    rf"|lên|par|por|per|{_NETWORK}|\w*facebook\w*|\w*פייסבוק))*",
    rf"{_NETWORK} paylaş|paylaş|(?:facebook|x|twitter|line)で(?:シェア|共有)(?:する)?"
    rf"|(?:この記事を)?シェア(?:する)?|分享(?:到|至)?.{{0,6}}"
    r"|.{0,8}(?:에 )?공유(?:하기)?|.{0,8}(?:पर )?साझा करें|แชร์.{0,12}",
    rf"(?:{_NETWORKS})(?:\W+(?:{_NETWORKS}|share|copy link|print))+",
)
"""Links that send a page to others."""
EDITS = late(
    r"\W*(?:edit (?:this |the )?page|edit (?:this )?(?:page )?(?:on|in) git\w+|suggest (?:an )?edits?"
    r"|improve this (?:page|doc\w*)|view (?:page )?source|(?:report|raise|open|create) an? (?:issue|bug)"
    r"|(?:diese )?seite bearbeiten|modifier cette page|editar esta página|modifica questa pagina"
    r"|deze pagina bewerken|编辑此页|編輯此頁|このページを編集|이 페이지 (?:수정|편집))"
)
"""The beginning of a link to change the page."""
_RIGHTS = (
    r"all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos reservados"
    r"|tutti i diritti riservati",
    r"todos os direitos reservados|alle rechten voorbehouden|kaikki oikeudet pidätetään|wszelkie prawa zastrzeżone",
    r"tüm hakları saklıdır|все права защищены|με επιφύλαξη παντός|جميع الحقوق محفوظة|כל הזכויות שמורות"
    r"|모든 권리 보유",
    r"सर्वाधिकार सुरक्षित|สงวนลิขสิทธิ์|bảo lưu mọi quyền|rättigheter förbehåll|rettigheter reservert",
)
RIGHTS = _some(r"(?:\A|[\n|·•])\W*(?:©|&copy;|\bcopyright(?: ©| \(c\))?|\(c\))[^.\n]{0,40}\b(?:19|20)\d\d\b", *_RIGHTS)
"""Whose a site is."""
ABOUT_RIGHTS = _some(
    r"copyright|rights reserved|licen[cs]|lizenz|urheberrecht|droits? d['’]auteur|derechos? de autor|direitos? autora"
    r"|diritt[oi] d['’]autore|auteursrecht|upphovsrätt|opphavsrett|ophavsret|tekijänoike|praw\w* autorsk|авторск"
    r"|лицензи|telif|πνευματικ|حقوق|זכויות|著作権|ライセンス|版权|版權|许可|許可|저작권|라이선스|लाइसेंस|कॉपीराइट"
    r"|ลิขสิทธิ์|bản quyền",
)
"""Headings of texts about whose a work is."""
LEGAL = _some(
    r"privacy|terms (?:of|and|&)|imprint|impressum|datenschutz|confidentialité|mentions légales|privacidad"
    r"|aviso legal|privacidade|note legali|privacybeleid|colofon|integritetspolicy|tietosuoja"
    r"|polityka prywatności|regulamin"
    r"|gizlilik|конфиденциальност|απόρρητο|سياسة الخصوصية|פרטיות|プライバシー|利用規約|隐私|隱私|개인정보"
    r"|이용약관|गोपनीयता|ความเป็นส่วนตัว"
    r"|riêng tư|sitemap|cookies?",
)
"""Names of a site's legal pages."""
COOKIES = _some(r"cookie|kakor\b|eväste|informasjonskapsler|çerez|куки|تعريف الارتباط|עוגיות|クッキー|쿠키|कुकी|คุกกี้")
USES_COOKIES = _some(
    r"\b(?:us(?:es?|ing)|set|stores?|accept|agree|allow|manage|reject|enable|essential|necessary)\b[^.]{0,50}\bcookies?\b",
    r"\bcookies? (?:policy|settings|preferences|consent|notice|declaration|(?:are|is) (?:used|set|stored)|help)\b",
    r"\b(?:verwende|nutz|setze|utilis|utiliz|usa|usiamo|emple|gebruik|använd|bruk|bruger|używa|koristi)\w*\b"
    r"[^.]{0,50}\bcookie",
    r"\bcookies? (?:verwenden|nutzen|setzen|ein\b|pour\b|para\b|per\b|om\b|för\b)",
    r"kakor\b|eväste|informasjonskapsler|çerez|куки|تعريف الارتباط|עוגיות|クッキー|쿠키|कुकी|คุกกี้",
)
"""What a site says of its cookies; others are baked."""
AGREES = _some(
    r"\bgot it\b|einverstanden|stimmen sie|verstanden|j['’]ai compris|vous acceptez|aceptas?\b|acepto"
    r"|de acuerdo|entendido|ho capito",
    r"accetti|concordo|entendi\b|aceita\b|begrepen|jag förstår|okej|hyväks|rozumiem|zgadzasz|anladım|kabul"
    r"|понятно|соглас|αποδοχή|αποδέχ",
    r"قبول|موافق|אישור|מסכים|了解|同意|知道了|동의|확인|स्वीकार|सहमत|ยอมรับ|ตกลง|đồng ý|chấp nhận",
)
"""Answers to a request, beside those of walls."""
ABOUT_COOKIES = _some(
    r"cookie|privacy|gdpr|tracking|datenschutz|confidentialité|privacidad|riservatezza|kakor|eväste|tietosuoja"
    r"|prywatno|çerez"
    r"|gizlilik|конфиденц|απόρρητο|الخصوصية|الارتباط|פרטיות|עוגיות|クッキー|プライバシー|隐私|隱私|쿠키"
    r"|개인정보|कुकी|गोपनीयता|คุกกี้|ความเป็นส่วนตัว",
)
NEIGHBOURS = late(
    r"\W*(?:previous|next|prev|older|newer)"
    r"(?: (?:message|post|article|entry|page|topic|thread|chapter|in thread))?\s?[:：]"
    r"|\W*(?:vorherige|nächste|ältere|neuere)[rs]?(?: (?:nachricht|beitrag|artikel|seite|thema|kapitel))?\s?:"
    r"|\W*(?:article |message |chapitre )?(?:précédent|suivant)e?\s?:"
    r"|\W*(?:anterior|siguiente|precedente|successivo)\s?:"
    r"|\W*(?:上一[篇页頁]|下一[篇页頁]|前の記事|次の記事|이전 ?글|다음 ?글)\s?[:：]|messages sorted by\b"
)
"""The beginning of a link to the page before or behind."""
RETURNS = late(
    r"\W*(?:(?:go )?back|return) to\b|\W*zurück (?:zu[rm]?|auf)\b|\W*retour (?:à|aux?|vers)\b|\W*volver (?:al?|hasta)\b"
    r"|\W*voltar (?:ao?|para)\b|\W*torna (?:all[ae]|al?|agli|indietro)\b|\W*terug naar\b|\W*tillbaka till\b"
    r"|\W*tilba[kg]e til\b|\W*takaisin\b|\W*(?:powrót|wróć) do\b|\W*(?:вернуться|назад|обратно) (?:к|на|в)\b"
    r"|\W*(?:返回|回到)|.{0,12}(?:に戻る|へ戻る)\W*\Z|.{0,12}(?:으로|로) 돌아가기|\W*(?:العودة|الرجوع) إلى|\W*חזרה ל"
)
"""The beginning of a link to the page above."""
ACTIONS = _whole(
    r"(?:log|sign) ?in(?: or register)?|sign up|register|my account|menu|search|skip to (?:main )?content"
    r"|(?:back )?to (?:the )?top",
    r"next|prev(?:ious)?|(?:next|previous) (?:page|slide|post|article|chapter)|weiter|zurück|nächste[rs]?"
    r"|vorherige[rs]?"
    r"|suivante?|précédente?|siguiente|anterior|successiv[oa]|precedente|próxim[oa]|volgende|vorige|nästa|föregående|neste"
    r"|forrige|seuraava|edellinen|następn[aey]|poprzedni[ae]?|далее|назад|التالي|السابق|הבא|הקודם|次へ|前へ"
    r"|[上下]一(?:页|頁|篇|张|張)|다음|이전",
    r"back to top|cart(?: \(?\d+\)?)?|wishlist|add to (?:cart|basket|bag|wishlist|favou?rites)|buy now|close"
    r"|toggle navigation",
    r"anmelden|einloggen|suchen?|zum inhalt(?: springen)?|nach oben|warenkorb|in den warenkorb(?: legen)?|menü"
    r"|schließen",
    r"se connecter|connexion|rechercher?|aller au contenu|haut de page|panier|ajouter au panier|fermer",
    r"iniciar sesión|buscar|saltar al contenido|volver arriba|añadir al carrito|agregar al carrito|carrito",
    r"entrar|pesquisar|pular para o conteúdo|voltar ao topo|adicionar ao carrinho|accedi|cerca|vai al contenuto"
    r"|torna su",
    r"aggiungi al carrello|inloggen|zoeken|naar boven|in winkelwagen|logga in|sök|till toppen"
    r"|lägg i (?:varukorgen|kundvagnen)",
    r"kirjaudu|haku|takaisin ylös|lisää ostoskoriin|zaloguj się|szukaj|do góry|dodaj do koszyka|giriş yap|ara"
    r"|sepete ekle",
    r"войти|поиск|наверх|в корзину|добавить в корзину|σύνδεση|αναζήτηση|προσθήκη στο καλάθι|تسجيل الدخول|بحث"
    r"|أضف إلى السلة",
    r"התחברות|חיפוש|הוסף לסל|הוספה לסל|ログイン|検索|カートに入れる|(?:ページの)?(?:先頭|トップ)へ(?:戻る)?"
    r"|登录|登錄|搜索|加入购物车|加入購物車|返回顶部"
    r"|扫一扫.{0,16}|(?:【?(?:打印|打印本页|关闭|关闭窗口|关闭本页)】?\s*)+|印刷する|このページを印刷(?:する)?",
    r"로그인|검색|장바구니(?: 담기)?|맨 위로|लॉग इन|खोजें|कार्ट में डालें|เข้าสู่ระบบ|ค้นหา|หยิบใส่ตะกร้า|đăng nhập|tìm kiếm"
    r"|thêm vào giỏ(?: hàng)?",
)
"""Names of buttons that are on every page of a site."""
