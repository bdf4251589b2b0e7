"""How it is said, in thirteen languages, that the documents lack an answer or the writer does not know it.

Covered: Arabic, Chinese (both scripts), Dutch, English, French, German, Hindi, Italian, Japanese,
Portuguese, Russian, Spanish, Thai. Not covered, so that an abstention in them is taken for an answer: all
others, such as Korean, Polish, Turkish, Ukrainian and Vietnamese.

Each language has the same ways of saying it, in its own grammar: the given texts (``<src>``) with a negated
verb of saying or containing, before or behind it; such a verb in the passive; "no information", where it is
not what somebody may hand on (``unless``); the writer ("I") who does not know, find, have or see, or cannot
say; what cannot be told or determined by anybody; what does not suffice. A contract that has no clause or a
line that does not run is none of them: its subject is not the given texts and its verb is not one of
telling.

Patterns in which white space means nothing and "_" stands for a space; none goes across the end of a
sentence. All are tried on every text, since a model may answer in another language than it was asked in;
conditions belong to their own language only ("si" is "if" in Spanish and "oneself" in Italian).
"""

from __future__ import annotations

from typing import NamedTuple


class Language(NamedTuple):
    """How one language says it.

    ``says``: the patterns, ``<src>`` for ``sources``. ``condition``: behind one of these in the same clause
    nothing is said ("if the passages do not …"). ``unless``: a sentence that has this says it of what
    people may do, not of what it was given; "" where no pattern could be taken for that.
    """

    sources: str
    says: str
    condition: str
    unless: str = ""


ENGLISH_MORE = Language(
    r"(?:passage|document|text|context|source|excerpt|material|report|article|file|page|handbook|manual|"
    r"paragraph|section|policy|snippet|extract)s?",
    # Said of a guess in the same sentence, too: what such a sentence states is checked all the same.
    r"""
    \bi(?:'m|_am)_not_(?:\w+_)?(?:sure|certain|aware|familiar)\b
    |\bmakes?_no_(?:\w+_)?(?:mention|reference)\b|\b<src>_(?:\w+_)?(?:fails?|failed)_to_(?:mention|say|state|
        specify|indicate|provide|give|name)\b
    |\b<src>_(?:\w+_)?(?:is|are|remains?)_(?:\w+_)?silent\b
    |\bnothing_in_(?:the|this|these|any)_(?:\w+_){0,2}<src>\b(?:_\w+)?_(?:tell|say|indicate|mention|state|
        show|specif|suggest|answer|reveal)\w*
    |\b<src>_(?:\w+_)?(?:say|tell|mention|reveal|contain|state)s?_(?:us_|me_)?nothing\b
    |\b(?:the|this|these|those|that)_(?:\w+_){0,3}(?:report|article|file|page|handbook|manual|section|
        policy|paragraph|snippet|extract|material)s?_(?:do|does|did)(?:n't|_not)_(?:\w+ly_)?(?:contain|
        provide|include|give|offer|have|list)_(?:any_|enough_|the_|this_|that_|such_)?(?:\w+_)?
        (?:information|mention|answer|details?|data)\b
    |\b(?:is|are|was|were)(?:n't|_not)_(?:\w+ly_)?(?:mentioned|stated|specified|given|provided|disclosed|
        indicated|listed|named|described|found)_(?:anywhere|at_all)\b
    |\b(?:not|never)_(?:\w+ly_)?(?:mentioned|stated|specified|disclosed|indicated|discussed)_(?:in|by)_
        (?:the|any|these|this)_(?:\w+_){0,2}<src>\b
    |\bno_(?:\w+_)?(?:information|mention|details?|reference|indication|record)_[^.!?\n]{0,60}\b(?:is|are|
        was|were)_(?:\w+_)?(?:given|provided|available|found|included|contained|made)\b
    |\b(?:information|answer|details?)\b(?:_\w+){0,6}_(?:is|are|was|were)(?:n't|_not)_(?:\w+_)?(?:available|
        provided|present|given|found|included|disclosed|specified)\b(?!_(?:to|for|until|after|before|on)\b)
    |\bi_(?:do|did)(?:n't|_not)_(?:\w+ly_)?have_(?:(?:any|enough|sufficient|the|specific|further|more|direct|
        detailed|necessary|relevant|access|to)_){0,3}(?:\w+_)?(?:information|details?|data|knowledge|context|
        access|answer|record|documents?|documentation)\b
    |\bi_have_no_(?:\w+_)?(?:knowledge|access|record|idea|way|documents?)\b
    |\bi_(?:could|did|do|can|was_able_to)(?:_not|n't)_(?:\w+ly_)?(?:find|locate|identify|give|confirm|
        verify|offer)\b|\bi_cannot_(?:\w+ly_)?(?:give|confirm|verify|identify|offer)\b
    |\b(?:i_am|i'm|i_was|we_are|we_were)_(?:\w+_)?(?:not_able|unable)_to_(?:find|answer|determine|locate|
        tell|say|provide|give|identify|confirm|help|assist)\b
    |\bno_way_(?:to_(?:tell|know|say|determine|find_out)|of_(?:knowing|telling|saying|determining))\b
    |\b(?:unclear|not_clear|not_evident|unknown)_from_(?:the|these|this)_(?:\w+_){0,2}<src>\b
    |\bbased_on_(?:the|this|these|what)_[^.!?\n]{2,50},?_it_is_(?:\w+_)?(?:unclear|unknown|impossible|
        not_(?:possible|clear|known))\b
    |\b(?:can(?:not|_not|'t)|could(?:_not|n't))_be_(?:\w+ly_)?(?:inferred|established|derived|ascertained|
        concluded|confirmed|identified)_(?:from|based_on|on_the_basis)\b
    |\b(?:absent|missing|omitted|left_out)_(?:from|in)_(?:the|these|this)_(?:\w+_){0,2}<src>\b
    |\bnot_(?:\w+_)?(?:appear|mentioned|found|included|listed|covered|contained|present)_in_(?:the|any|these|
        this)_(?:of_the_)?(?:\w+_){0,2}<src>\b
    """,
    r"\b(?:if|unless|in case)\b|\bwhen(?: \w+)? $",
    r"\bno_(?:\w+_)?information\b[^.!?\n]{0,60}\b(?:may|must|should|shall|can)_be\b",
)

GERMAN = Language(
    r"(?:dokument(?:en?|s)?|text(?:en?|s|stellen?|passagen?|auszügen?|auszug|abschnitt(?:en?)?)?|passagen?|"
    r"abschnitt(?:en?)?|auszug|auszügen?|ausschnitt(?:en?)?|quellen?|kontext|unterlagen?|artikeln?|"
    r"materialien|material)",
    r"""
    \bkeine?n?r?_(?:\w+_){0,2}(?:information(?:en)?|angaben?|auskunft|auskünfte|antwort|hinweise?|erwähnung|
        einzelheiten|details|anhaltspunkte?)\b
    |\bkein\w*_(?:daten|aussagen?)_(?:zu|zur|zum|über|dazu|darüber|treffen|möglich|machen)\b
    |(?<!laut_)(?<!laut_dem_)(?<!laut_den_)(?<!laut_der_)(?<!gemäß_dem_)(?<!gemäß_den_)
        \b(?:dokument|text|passage|abschnitt|auszüg|quelle|kontext|unterlage|artikel|textstelle)\w*
        (?:(?!\bdass\b)[^.!?\n]){0,60}\b(?:nicht|nichts|nirgends|nirgendwo)\b[^.!?\n]{0,30}(?:enthalten|erwähnt|
        genannt|angegeben|beantwortet|hervor|gesagt|beschrieben|zu_finden|gefunden|steht|aufgeführt|rede)
    |(?<!laut_)(?<!laut_dem_)(?<!laut_den_)(?<!laut_der_)(?<!gemäß_dem_)(?<!gemäß_den_)
        \b<src>_(?:\w+_)?(?:enthält|enthalten|erwähnt|erwähnen|nennt|nennen|sagt|sagen|gibt|geben|
        beantwortet|beantworten|liefert|liefern|bietet|bieten|beinhaltet|beinhalten|verrät|verraten|
        beschreibt|beschreiben|macht|machen)\b[^.!?,\n]{0,60}\b(?:nicht|nichts|keine?n?|keinerlei)\b
    |\b(?:nicht|nichts|nirgends)_(?:aus|in|im)_(?:(?:den|dem|der|diesen|diesem)_)?(?:\w+_)?<src>\b
    |\b(?:wird|werden|ist|sind|wurde|wurden)_(?:\w+_){0,5}(?:nicht|nirgends|nirgendwo)_(?:\w+_){0,2}
        (?:erwähnt|angegeben|genannt|aufgeführt|spezifiziert)\b
    |\bschweig(?:t|en)_(?:\w+_){0,3}<src>\b|\b<src>_(?:\w+_)?schweig(?:t|en)\b
    |\bich_(?:weiß|weiss|kenne)_(?:es_|das_|die_antwort_|dies_)?(?:leider_)?nicht\b|\b(?:das|es)_weiß_ich_
        (?:leider_)?nicht\b|\bweiß_ich_(?:leider_)?nicht(?=\s*[.,!]|$)
    |\b(?:ich_(?:kann|konnte|könnte)|(?:kann|konnte|könnte)_ich)\b(?:,?_\w+){0,9}_(?:nicht|nichts|
        keine?n?r?)\b(?:_\w+){0,5}_(?:beantworten|sagen|finden|bestimmen|helfen|ermitteln|feststellen|
        entnehmen|nennen|geben|machen|treffen|bestätigen|identifizieren|angeben|bereitstellen|liefern)\b
    |\b(?:ich_(?:habe|besitze|verfüge|bin)|(?:habe|besitze|verfüge|bin)_ich)\b(?:_\w+){0,5}_(?:keine?n?r?|
        keinerlei|nicht_genügend|nicht_genug|zu_wenig|nicht)_(?:\w+_){0,2}(?:zugriff|zugang|kenntnis(?:se)?|
        wissen|information(?:en)?|daten|ahnung|sicher|in_der_lage|gefunden|dokumente?|unterlagen)\b
    |\bmir_(?:ist|sind|liegt|liegen)_(?:\w+_){0,5}(?:nicht_bekannt|unbekannt|nicht_vor)\b
    |\b(?:lässt|läßt|lassen)_sich_(?:\w+_){0,8}nicht_(?:\w+_)?(?:beantworten|sagen|bestimmen|ermitteln|
        entnehmen|feststellen|ableiten|erkennen|herausfinden)\b
    |\b(?:nicht_möglich|unmöglich)\b[^.!?\n]{0,60}\bzu_(?:beantworten|sagen|bestimmen|ermitteln|erkennen)\b
    |\b(?:reich(?:t|en)|genüg(?:t|en))_(?:\w+_){0,4}nicht_(?:\w+_)?aus\b[^.!?\n]{0,60}\b(?:beantwort|sagen|
        bestimm)\w*|\bnicht_(?:genug|genügend|ausreichend\w*)_(?:\w+_)?(?:information|angaben|daten)\w*
    """,
    r"\b(?:wenn|falls|sofern)\b",
    r"\b(?:darf|dürfen|an_dritte)\b[^.!?\n]{0,60}\bkein\w*|\bkein\w*[^.!?\n]{0,60}\b(?:darf|dürfen|an_dritte)\b",
)

FRENCH = Language(
    r"(?:documents?|passages?|textes?|extraits?|contextes?|sources?|informations?|articles?|fragments?|"
    r"éléments|rapport)",
    r"""
    (?<!selon_)(?<!selon_le_)(?<!selon_les_)(?<!selon_ce_)(?<!d'après_le_)(?<!d'après_les_)
        \b<src>\b(?:_(?!que\b)\w+){0,3}_n(?:e_|')(?:le_|la_|l'|en_|y_)?(?:contien|mentionn|précis|indiqu|fourni|di[ts]|
        donn|répond|permet|expliqu|évoqu|parl|comport|inclu|spécifi|offr|révèl|abord|détaill|suffi)\w*_
        (?:\w+_)?(?:pas|aucune?|rien)\b
    |\b(?:rien|nulle_part)_dans_(?:les?|la|ces?|cet|cette)_(?:\w+_)?<src>\b[^.!?\n]{0,25}\bn(?:e_|')
    |\baucune?_(?:de_ces_|des_|de_ce_)?<src>_(?:\w+_)?n(?:e_|')(?:le_|la_|l')?(?:contien|mentionn|précis|
        indiqu|fourni|di[ts]|donn|répond|permet|parl)\w*
    |\bn(?:e_|')(?:est|sont|a_été|ont_été)_(?:\w+_)?(?:pas|nulle_part)_(?:\w+_)?(?:mentionn|
        précis|indiqu|spécifi|évoqu)\w*|\bn(?:e_|')(?:est|sont)_(?:mentionn|précis|indiqu|spécifi|
        évoqu|donn|di[ts])\w*_(?:nulle_part|à_aucun)\b
    |\bn(?:e_|')(?:est|sont|figure\w*|apparai\w*|trouve\w*)_(?:pas|nulle_part)_(?:\w+_){0,2}dans_(?:les?|la|
        ces?)_(?:\w+_)?<src>\b
    |\bmention_n'est_faite\b|\bil_n'est_(?:pas|nulle_part)_fait_mention\b
    |\b(?:aucune|pas_d'|pas_assez_d'|pas_suffisamment_d'|trop_peu_d')\s?(?:information|mention|réponse|
        indication)s?\b|\baucune?_(?:détail|précision|référence|renseignement)s?_(?:n'|sur|concernant|
        à_ce_sujet|quant)
    |\bje_n(?:e_|')(?:le_)?(?:sais|peux|trouve|connais|suis|ai)_pas_(?:la_réponse|répondre|trouver|trouvé|
        en_mesure|de_réponse|cette_information|[.,!]|$)|\bje_ne_sais_pas\b|\bje_(?:l')?'?ignore\b|\bj'ignore\b
    |\bje_n(?:e_|')(?:en_|y_)?(?:ai|dispose|possède|détiens)_(?:pas|aucune?|malheureusement_pas)_
        (?:(?:\w+_|[dl]'\s?)){0,4}(?:information|document|accès|donnée|élément|connaissance|détail|réponse|
        précision|renseignement|contexte|idée)\w*
    |\bje_ne_suis_(?:\w+_)?pas_(?:\w+_)?(?:en_mesure|capable|certaine?|sûre?|au_courant|parvenue?)\b|\bje_suis_
        (?:\w+_)?(?:incapable_de|dans_l'incapacité|dans_l'impossibilité)\b
    |\bje_n'ai_(?:\w+_)?(?:pas_|rien_)?(?:\w+_)?(?:pas_)?(?:pu_|su_|réussi_à_)?(?:trouv(?:é|er)|identifier|
        déterminer)\b
    |\bje_ne_(?:peux|puis|parviens|saurais|pourrais)_(?:\w+_){0,4}?(?:répondre|fournir|offrir|donner|dire|
        déterminer|trouver|préciser|confirmer|indiquer|aider|me_prononcer)\b
    |\b(?:il_(?:m')?est_|est_)?impossible_de_(?:\w+_)?(?:répondre|déterminer|savoir|le_dire|dire|préciser)\b|\bil_n'est_
        pas_possible_de_(?:\w+_)?(?:répondre|déterminer|savoir|dire|préciser)\b
    """,
    r"\bsi\b|\bs'il|\b(?:quand|lorsque)(?: \w+)? $",
    r"\baucune?_\w+[^.!?\n]{0,60}\bne_(?:doit|doivent|peut|peuvent|devra|sera)_(?:pas_)?être\b",
)

SPANISH = Language(
    r"(?:documentos?|documentación|pasajes?|textos?|fragmentos?|contexto|fuentes?|información|artículos?|"
    r"extractos?|informe)",
    r"""
    (?<!según_)(?<!según_el_)(?<!según_los_)(?<!según_la_)(?<!según_las_)
        \b<src>\b(?:_(?!que\b)\w+){0,3}_(?:no|tampoco)_(?:se_|lo_|la_)?(?:cont(?:iene|ienen)|mencionan?|indican?|
        especifican?|proporcionan?|dice|dicen|incluyen?|responden?|ofrecen?|dan?|señalan?|hacen?|aportan?|
        revelan?|tienen?|detallan?|precisan?|aclaran?|explican?|describen?|tratan?|abordan?|permiten?|aparecen?|
        figuran?|constan?|encuentran?|hablan?|brindan?|recogen?)\b
    |\bno_(?:se_|lo_)?(?:menciona|indica|especifica|proporciona|encuentra|dice|aparece|figura|está|están|
        consta)n?\b[^.!?\n]{0,50}\b(?:en|por)_(?:el|los|las|la|estos|ningun[oa])_(?:de_)?(?:\w+_)?<src>\b
    |\bno_se_(?:menciona|especifica|indica|precisa|detalla)n?\b|\bno_se_proporcionan?\b(?!_\w+_a_)
    |\b(?:nada_en|ningun[oa]_de|ningún|ninguna)_(?:(?:el|los|las|la|estos)_)?<src>_(?:\w+_)?(?:contien|
        mencion|indic|especific|proporcion|dice|responde|habla|permite|aclara)\w*|\b<src>_(?:\w+_)?carecen?_de\b
    |\bno_(?:hay|existen?|tengo|contienen?|se_encontró|he_encontrado|encontré|encuentro|proporcionan?|dispongo_
        de|cuento_con|poseo)_(?:\w+_){0,3}(?:información|mención|datos|respuesta|referencias?|detalles?|
        indicios|acceso|conocimiento|elementos)\b
    |\bning[uú]na?_(?:información|mención|referencia|dato|indicación|detalle)_(?:\w+_){0,2}(?:sobre|acerca|
        al_respecto|disponible|en)\b
    |\bno_(?:lo_|la_)?sé\b(?!_si)|\bdesconozco\b|\bno_(?:lo_)?conozco\b|\bno_estoy_(?:\w+_)?(?:segur|al_tanto|
        en_condiciones)\w*
    |\bno_(?:puedo|pude|podría|podemos|he_podido|he_logrado|logro|logré|consigo|soy_capaz_de|fui_capaz_de)_
        (?:\w+_)?(?:respond|encontrar|determinar|saber|contestar|ayudar|proporcionar|dar|ofrecer|decir|confirmar|
        identificar|localizar|hallar|precisar|establecer|brindar|facilitar|indicar)\w*
    |\b(?:no_(?:es|resulta)_posible|no_se_puede|imposible|no_permiten?)_(?:\w+_)?(?:responder|encontrar|
        determinar|saber|contestar|establecer|precisar|decir|conocer|inferir|deducir)\w*
    |\binformación_(?:\w+_)?insuficiente\b|\binsuficiente_información\b|\bno_(?:hay|tengo)_suficientes?_
        (?:información|datos|detalles|contexto)\b
    """,
    r"\bsi\b|\bcuando(?: \w+)? $",
    r"\bning[uú]na?_(?:información|dato)\b[^.!?\n]{0,60}\b(?:debe|puede|podrá|deberá)n?_(?:ser|facilitar|dar)\w*",
)

ITALIAN = Language(
    r"(?:document[oi]|test[oi]|passagg(?:io|i)|bran[oi]|contesto|font[ei]|estratt[oi]|informazioni|articol[oi]|"
    r"frammenti|documentazione|materiale)",
    r"""
    (?<!secondo_)(?<!secondo_il_)(?<!secondo_i_)(?<!secondo_le_)(?<!secondo_la_)
        \b<src>\b(?:_(?!che\b)\w+){0,3}_non_(?:lo_|la_|ne_|si_|vi_)?(?:conten|contien|menzion|indic|specific|fornisc|dic|
        riport|rispond|precis|offr|spieg|compar|figur|trova|emerg|risult|parla|
        chiari|tratt|descriv|permett|consent|fa_|fanno_|rivela|bast|è_(?:presente|indicat|menzionat)|sono_
        presenti)\w*
    |\bnon_(?:è|viene|sono|vengono|è_stato|è_stata)_(?:\w+mente_)?(?:menzionat|specificat|indicat|
        riportat|precisat)[oaie]\b
    |\bnon_si_(?:menziona|specifica|indica|precisa|dice|fa_(?:\w+_)?(?:menzione|riferimento|cenno))\w*
    |\bnon_(?:è_presente|sono_presenti|si_trova|si_trovano|compare|compaiono|figura|figurano|emerge|risulta|
        è_contenut[oa]|c'è|ci_sono)\b[^.!?\n]{0,40}\b(?:n|d)(?:ei|el|elle|ella|ai|al|alle|agli|egli)_(?:\w+_
        )?<src>\b
    |\bnon_(?:ci_sono|c'è|è_presente|sono_presenti|ho|trovo|ho_trovato|contien\w+|conten\w+|fornisc\w+|
        dispongo_di|possiedo)_(?:\w+_){0,3}(?:informazion|menzion|rispost|dettagli|riferiment|indicazion|
        accesso|conoscenz|accenn)\w*
    |\bnon_(?:ho|dispongo_di|possiedo)_(?:\w+_){0,3}(?:document|dat[oi]_|element|contest|idea\b|abbastanza|
        sufficient)\w*
    |\bnessun[ao]?_(?:informazion|menzion|rispost|riferiment|indicazion|dettagli|accenn)\w*
    |\bnessun[oa]?_(?:de[il]_|delle_)?<src>_(?:\w+_)?(?:conten|contien|menzion|indic|specific|fornisc|dic|
        riport)\w*|\bnulla_(?:nei|nel|nelle)_<src>\b
    |\bnon_(?:lo_)?so\b|\bnon_(?:lo_|la_)?conosco\b|\bnon_(?:ne_)?sono_(?:\w+_)?(?:a_conoscenza|al_corrente|
        sicur[oa]|cert[oa])\b
    |\bnon_(?:posso|possiamo|potrei|riesco_a|sono_(?:\w+_)?(?:in_grado_di|capace_di)|sono_riuscit[oa]_a|ho_
        potuto|saprei|è_(?:\w+_)?possibile|si_può)_(?:\w+_){0,2}(?:rispond|trovar|determinar|stabilir|
        saper|aiutar|fornir|dar[el]|dir[el]|offrir|individuar|precisar|confermar|indicar|identificar|
        ricavar|desumer|capir|risalir)\w*
    |\bnon_(?:ho_trovato|trovo)\b|\bimpossibile_(?:\w+_)?(?:rispondere|determinare|stabilire|sapere|dire)\b
    |\binformazioni_(?:\w+_){0,3}(?:insufficienti|non_(?:\w+_)?sufficienti)\b
    """,
    r"\bse\b|\bquando(?: \w+)? $",
    r"\bnessun[ao]?_\w+[^.!?\n]{0,60}\b(?:può|possono|deve|devono|dovrà|va)_(?:mai_)?(?:esser|comunic|dat|fornit)\w*",
)

PORTUGUESE = Language(
    r"(?:documentos?|passage(?:m|ns)|textos?|trechos?|contexto|fontes?|informações|artigos?|excertos?|"
    r"material|relatório)",
    r"""
    (?<!segundo_o_)(?<!segundo_os_)(?<!segundo_as_)(?<!segundo_a_)(?<!acordo_com_o_)(?<!acordo_com_os_)
        \b<src>\b(?:_(?!que\b)\w+){0,3}_não_(?:o_|a_|se_)?(?:cont[éê]m|menciona|indica|especifica|fornece|diz|dizem|
        inclu|apresenta|informa|responde|traz|revela|cita|dá|dão|fala|trata|aborda|esclarece|permite|
        descreve|consta|encontra|aparece)\w*
    |\bnão_(?:é|são|foi|foram|está|estão|há)_(?:\w+mente_)?(?:mencionad|especificad|indicad|
        informad)[oa]s?\b
    |\bnão_se_(?:menciona|especifica|indica|informa)\w*|\b(?:nenhum_dos|nenhuma_das|nada_n[oa]s?|nenhum)_<src>\b
    |\bnão_(?:está|estão|se_encontra|consta|constam|aparece|há)\b[^.!?\n]{0,40}\bn(?:[oa]s?|est[ea]s?)_(?:\w+_
        )?<src>\b
    |\bnão_(?:há|existem?|existe|tenho|encontrei|contêm|contém|fornecem?|foi_encontrada|disponho_de|possuo)_
        (?:\w+_){0,3}(?:informaç|menç|dados|respost|referênci|detalhe|acesso|conheciment|indicaç)\w*
    |\bnenhuma_(?:informação|menção|resposta|referência|indicação)\b
    |\bnão_encontrei\b|\bnão_(?:o_)?sei\b|\bdesconheço\b|\bnão_(?:tenho|estou)_(?:\w+_)?(?:certeza|cert[oa]|segur[oa])\b
    |\bnão_(?:posso|consigo|é_possível|foi_possível|pude|consegui|sou_capaz_de|se_pode)_(?:\w+_)?(?:responder|
        encontrar|determinar|saber|ajudar|afirmar|fornecer|dar|dizer|informar|identificar|confirmar|localizar)\w*
    |\bimpossível_(?:\w+_)?(?:responder|determinar|saber|dizer|afirmar)\b|\binformaç(?:ão|ões)_(?:\w+_
        )?insuficientes?\b
    """,
    r"(?:^|[,;:]|\b(?:e|mas|que)\b)\W*se\b|\bcaso\b|^\W*quando\b",
    r"\bnenhuma_\w+[^.!?\n]{0,60}\b(?:pode|podem|deve|devem|poderá|deverá)_ser\b",
)

DUTCH = Language(
    r"(?:document(?:en)?|tekst(?:en)?|passages?|fragment(?:en)?|bron(?:nen)?|context|informatie|artikel(?:en)?|"
    r"rapport)",
    r"""
    (?<!volgens_)(?<!volgens_het_)(?<!volgens_de_)(?<!volgens_dit_)
        \b<src>\b(?:_(?!dat\b)\w+){0,3}_(?:bevat|vermeld|noem|gee[fv]|zeg|staat|staan|beantwoord|bied|beschrij|specifice|
        meld|wordt)\w*\b(?:(?!\bdat\b)[^.!?,\n]){0,50}\b(?:geen|niets?|nergens)\b
    |\b(?:niet|nergens)_(?:\w+_)?(?:vermeld|genoemd|gespecificeerd|aangegeven)\b
    |\b(?:staat|staan|is|zijn|wordt|komt)\b(?:_\w+){0,5}_(?:niet|niets|nergens)_(?:\w+_)?in_(?:de|het|deze|
        dit)_(?:\w+_)?<src>\b|\bgeen_van_de_<src>\b
    |\b(?:geen|onvoldoende)_(?:\w+_)?(?:informatie|antwoord|vermelding|aanwijzing(?:en)?|gegevens_over)\b
    |\bniet_(?:over_)?(?:genoeg|voldoende)_(?:\w+_)?(?:informatie|gegevens|context|details)\b
    |\bik_(?:weet|kan|kon)\b(?:_\w+){0,5}_niet\b(?:_(?:\w+_)?(?:beantwoorden|vinden|zeggen|bepalen|helpen|geven)|
        \s*[.,!]|$)|\b(?:weet|kan|kon)_ik\b(?:_\w+){0,5}_(?:niet|geen)\b(?:_(?:\w+_){0,3}(?:beantwoorden|vinden|
        zeggen|bepalen|helpen|geven)|\s*[.,!]|$)
    |\b(?:ik_(?:heb|kan|kon|beschik|vind|vond)|(?:heb|beschik|vind|vond)_ik)\b(?:_\w+){0,5}_(?:geen|niets)_
        (?:\w+_){0,5}(?:vinden|gevonden|toegang|informatie|kennis|gegevens|idee|geven|zeggen)\b
    |\bik_ben_(?:er_)?(?:\w+_)?niet_(?:\w+_)?(?:zeker|in_staat)\b
    |\bvalt_(?:\w+_){0,6}niet_(?:\w+_)?te_\w+|\bniet_(?:mogelijk|te_bepalen|te_zeggen|te_achterhalen|op_te_maken)\b|
        \bonmogelijk_(?:om_)?(?:\w+_){0,4}te_(?:zeggen|bepalen|beantwoorden)\b
    """,
    r"\b(?:indien|tenzij)\b|(?:^|[,;:]|\b(?:en|maar|dat)\b)\W*(?:als|wanneer)\b(?! (?:\w+ )?(?:ai|taalmodel|"
    r"assistent|computerprogramma)\b)",
    r"\b(?:mag|mogen)\b[^.!?\n]{0,60}\bgeen\b|\bgeen\b[^.!?\n]{0,60}\b(?:mag|mogen|aan_derden)\b",
)

RUSSIAN = Language(
    r"(?:документ|отрыв|текст|фрагмент|источник|контекст|материал|стать|информаци|выдержк)\w*",
    r"""
    \b<src>(?:_\w+){0,3}_не_(?:содерж|упомина|указ|говор|сообща|привод|да[её]т|дают|отвеча|позволя|назыв|
        описыв|поясня|уточня|раскрыва)\w*
    |\bне_(?:указан|упомян|упомина|сообща|говорит|сказан|уточня|привод)\w*[^.!?\n]{0,40}\b<src>
    |(?<!согласно_)(?<!согласно_этому_)\b<src>(?:(?!\bчто\b)[^.!?\n]){0,60}\bне_(?:указан|упомян|упомина|сообща|говорит|сказан|уточня|привод|найден|содерж|
        названо?|описан)\w*
    |\bнигде_не_(?:указан|упомян|упомина|сказан|сообща|говорит|назван|привод)\w*
    |\bв_(?:\w+_){0,2}<src>(?:_\w+){0,2}_нет\b|\b(?:ни_один|ни_в_одном)_(?:из_)?(?:\w+_)?<src>
    |\bнет_(?:\w+_){0,2}(?:информации|сведений|данных|ответа|упоминани\w+)\b|\bне_содерж\w+_(?:\w+_
        ){0,2}(?:информации|сведений|ответа|упоминани\w+)\b
    |\b(?:информаци|сведени|данны|ответ|упоминани)\w*(?:_\w+){0,5}_отсутству\w+|\bотсутству\w+_(?:\w+_
        )?(?:информаци|сведени|данны|ответ|упоминани)\w*
    |\b(?:недостаточно|не_хватает|не_достаточно)_(?:\w+_)?(?:информации|данных|сведений)\b
    |\bя_(?:этого_|пока_|точно_|к_сожалению_)?не_(?:знаю|могу|наш[её]л|нашла|располагаю|имею|обладаю|уверен\w*|
        смог|смогла|в_состоянии|вижу)\b|^\W*(?:\w+_)?не_знаю\b|\bне_располагаю\b|\bне_имею_(?:\w+_)?(?:доступа|
        информации|сведений|данных|представления)\b|\bнет_доступа_к_(?:\w+_){0,3}(?:информации|документ\w+|
        данным|сведениям)\b
    |\bмне_(?:\w+_){0,3}(?:не_известн|неизвестн)\w*
    |\b(?:невозможно|нельзя|не_представляется_возможным|не_позволя\w+)_(?:\w+_)?(?:определить|ответить|
        установить|сказать|узнать|понять|судить)\b|\bне_удалось_(?:\w+_){0,3}(?:найти|обнаружить|определить)\b
    """,
    r"\bесли\b|\bкогда(?: \w+)? $",
)

ARABIC = Language(
    r"(?:مستند|وثائق|وثيقة|نص|نصوص|مقطع|مقاطع|فقرة|فقرات|سياق|مصادر|معلومات)\w*",
    r"""
    (?<!لل)<src>(?:_(?!أن\b)\w+){0,3}_(?:لا|لم)_[تي](?:حتوي|ذكر|شير|وضح|تضمن|قدم|وفر|حدد|رد|جيب|تطرق|تناول|بين|كشف)\w*
    |\b(?:لا|لم)_[تي](?:حتوي|ذكر|شير|وضح|تضمن|قدم|وفر|حدد|جيب|تطرق|تناول)_(?:هذه_|هذا_|أي_)?(?:ال)?<src>
    |\b(?:لا|لم)_[تي](?:وجد|توفر|توافر|رد|ذكر|تم)\b(?:_\w+){0,3}_(?:ال)?(?:معلومات|إجابة|ذكر|بيانات|
        تفاصيل)\w*|\bلم_(?:يتم_ذكر|يذكر|تذكر|يرد_ذكر|أجد|أعثر|أتمكن_من)\b
    |\bلا_(?:أعرف|أعلم|أدري|أستطيع|يمكنني|أملك|يمكن_(?:تحديد|الإجابة|معرفة|الجزم))\b
    |\b(?:ليس|ليست|لا_تتوفر|لا_يوجد|لا_توجد)_لد(?:ي|ينا)_(?:\w+_){0,2}(?:معلومات|إجابة|وصول|بيانات|علم|فكرة)\w*
    |\bلست_(?:\w+_)?(?:متأكد|قادر|على_علم)\w*|\b(?:يتعذر|من_غير_الممكن|من_المستحيل|لا_يمكن)_(?:\w+_)?(?:تحديد|
        الإجابة|معرفة|الجزم)\b
    |\bغير_(?:مذكور|محدد|موجود|متوفر|وارد|متاح|موضح)ة?_في\b|\bالمعلومات_(?:\w+_)?غير_كافية\b
    """,
    r"إذا|\bإن لم\b|\bلو\b",
)

HINDI = Language(
    r"(?<![\u0900-\u097f])(?:दस्तावेज|पाठ|अंश|अनुच्छेद|लेख|संदर्भ|स्रोत|गद्यांश|परिच्छेद|पैसेज|डॉक्यूमेंट)",
    r"""
    <src>(?!\S*_के_अनुसार)(?:(?!_कि_)[^।.!?\n]){0,80}नहीं_(?:बता|कहा|कहत|लिखा|दिया_ग|दी_ग|दिए_ग|दिया_है|मिल|पाया|किया_ग)
    |<src>\S*_(?:में_)?(?:यह_|इसका_|ऐसा_)?नहीं_हैं?(?=\s*[।.!?,]|\s*$)
    |(?:जानकारी|उल्लेख|उत्तर|जवाब|सूचना|विवरण)(?:_[^\s।.!?]+){0,5}_नहीं(?!_(?:दी_जा|देनी|देना|दे_सक|दिया_जाना))
    |(?:कोई|पर्याप्त)_(?:[^\s।.!?]+_)?(?:जानकारी|उल्लेख|उत्तर|सूचना)_नहीं(?!_(?:दी_जा|देनी|देना))
    |मुझे(?:_[^\s।.!?]+){0,7}_(?:नहीं_(?:पता|मालूम|मिल)|पता_नहीं|मालूम_नहीं)
    |मैं_(?:[^\s।.!?]+_){0,8}(?:नहीं_(?:जानता|जानती|दे_सक|बता_सक|कर_सक|ढूँढ|खोज|पा_))
    |मेरे_पास_(?:[^\s।.!?]+_){0,8}नहीं|नहीं_बताया_गया|निर्दिष्ट_नहीं
    |(?:निर्धारित_करना|बताना|कहना|जानना|पता_लगाना|उत्तर_देना)_(?:संभव_नहीं|असंभव|मुश्किल)
    """,
    r"यदि|अगर",
)

CHINESE = Language(
    r"(?:文[档檔件中章本]|段落|[资資]料|材料|上下文|原文|[来來]源|片段|摘[录錄]|[内內]容|上述|提供的)",
    r"""
    (?:(?<![据據照])<src>(?:(?![说說写寫称稱]|提到|指出|[规規]定|表示|[显顯]示)[^。！？\n]){0,30}|<src>[^。！？\n,]{0,20},?)(?:[没沒]有|并?未|並未|不|无|無)(?:有|能|明确|明確|直接|具体|具體|任何|中)*
        (?:提到|提及|[说說]明|包含|包括|[给給]出|提供|回答|[记記][载載]|涉及|指出|[说說]|[关關]于|答案|[信訊資][息訊]|相[关關]|足[以够夠])
    |(?:[没沒]有|缺乏|缺少|未找到|找不到|[无無])(?:足够|足夠|任何|相[关關]|有[关關]|具体|具體|的|[关關]于[^。！？\n]{0,20})*
        (?:信息|[资資][讯訊料]|答案|提及|[记記][载載])
    |(?:在|[从從])[^。！？\n,]{0,10}<src>[^。！？\n,]{0,6}(?:[没沒]有?|未能?|[无無]法|找不)(?:找到|到|查到|看到|[发發][现現])
    |(?:我|^\s*)[并並也还還]?不(?:知道|清楚|确定|確定|了解|太清楚)(?![^。！？\n]{1,20}的[^。！？\n]{0,8}(?:[请請]|可|[应應]|[须須]|需))
    |[无無]法(?:从[^。！？\n]{0,20}|從[^。！？\n]{0,20}|根据[^。！？\n]{0,20}|準確|准确|直接)?(?:回答|确定|確定|得知|判断|判斷|知道|
        得出|推断|推斷)
    |(?:我们?|^\W*|[,;:]|所以|因此|目前|[暂暫][时時]?)_?(?:也|[还還]|仍|[并並])?(?:[无無]法|不能|[没沒]有?[办辦]法)(?:向您|[为為]您|[给給]您|
        [为為]你|向你|[给給]你)?[^。！？\n,]{0,10}?(?:提供|[获獲]取|[获獲]得|得到|[查找][到询詢]|[确確][认認]|回答|[给給]出|告[诉訴])
    |我[没沒]有[^。！？\n,]{0,30}(?:信息|[资資]料|[数數][据據]|文[档檔件]|[访訪][问問])|(?<![从從])未(?:被)?(?:提及|提到|[说說]明|[给給]出)
    """,
    r"如果|若|假如|要是|倘若",
)

JAPANESE = Language(
    r"(?:文書|文章|資料|本文|抜粋|文脈|コンテキスト|段落|ドキュメント|情報源|テキスト|記事|出典|パッセージ|(?:提供された|与えられた|上記の?|この)情報)",
    r"""
    <src>[^。！？\n]{0,40}(?:記載|記述|言及|説明|明記|情報|回答|答え|記録|手がかり)(?:は|が|も)?(?:特に|一切|具体的には?|直接)?
        (?:(?:されて|なされて|示されて|含まれて)(?:は)?(?:い|おり)?(?:ません|ない|おらず|ず)|ありません|ない|なく|なし|見当たりません|
        見つかりません)(?!場合|とき|時|際|なら|もの)
    |<src>[^。！？\n]{0,40}(?:書かれて|述べられて|触れられて|示されて|記されて|載って|明らかにされて)(?:は)?
        (?:いません|いない|おらず|おりません)(?!場合|とき|時|際|なら|もの)
    |<src>[^。！？\n]{0,40}(?:見つかりません|見つけられません|見つけることができません|見当たりません|読み取れません|確認できません)
    |(?:に関する|についての|に関して|について|必要な|十分な|該当する|関連する)[^。！？\n]{0,12}(?:情報|記載|記述|言及|回答)(?:は|が|も)?
        (?:ありません|ない(?!場合|とき|時|際)|なく|見つかりません|含まれていません|持っていません|持ち合わせて(?:い|おり)ません)
    |(?:わかり|分かり|判り)(?:ません|かねます)(?!か)|存じ(?:上げ)?ません|知りません|(?:わからない|分からない)(?:です)?(?=[。!]|\s*$)
    |(?:判断|特定|回答|お答え|断定|答えること|判断すること|回答すること|特定すること|知ること)(?:は|が|も)?(?:でき(?:ません|かねます)|できない(?=[。!]|
        です|\s*$)|不可能(?:です|である)|いたしかねます)
    |情報(?:が|は)?(?:不足して|足りません|足りない(?=[。!]|ため)|十分では)
    """,
    r"もし",
)

THAI = Language(
    r"(?:เอกสาร|ข้อความ|เนื้อหา|บริบท|บทความ|ข้อมูล|ข้อความที่ตัดตอน)",
    r"""
    <src>(?:(?!ว่า)[^.!?\n]){0,40}(?:ไม่ได้(?:ระบุ|กล่าวถึง|กล่าว|บอก|ให้|มี|พูดถึง|อธิบาย)|ไม่มี(?:ข้อมูล|คำตอบ|การ|รายละเอียด)|ไม่ระบุ|ไม่พบ|
        ไม่เพียงพอ)
    |ไม่(?:มี|พบ)(?:ข้อมูล|คำตอบ)|ไม่ได้(?:ระบุ|กล่าวถึง)(?:ไว้)?ใน|ไม่พบ[^.!?\n]{0,40}ใน(?:เอกสาร|ข้อความ|เนื้อหา|บริบท|บทความ)
    |(?:ฉัน|ผม|เรา|ดิฉัน|ข้าพเจ้า|^\s*)ไม่(?:ทราบ|รู้|แน่ใจ|มีข้อมูล)|(?:ไม่สามารถ|ไม่อาจ)(?:ตอบ|ระบุ|หา|ค้นหา|บอก|ให้คำตอบ|ให้ข้อมูล)
    """,
    r"ถ้า|หาก|เมื่อ",
    r"ห้าม",
)

LANGUAGES = {
    "en": ENGLISH_MORE,
    "de": GERMAN,
    "es": SPANISH,
    "fr": FRENCH,
    "it": ITALIAN,
    "pt": PORTUGUESE,
    "nl": DUTCH,
    "ru": RUSSIAN,
    "ar": ARABIC,
    "hi": HINDI,
    "zh": CHINESE,
    "ja": JAPANESE,
    "th": THAI,
}
"""By the language's code. What English says beside these stands in ``abstaining_words.ENGLISH``."""
