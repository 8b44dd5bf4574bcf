"""Spanish, as it is spoken on the telephone in the United States. All words without accents."""

import re

from engine.nlu.language import Cues, Language, Numerals

_KIN = (
    "esposa|esposo|marido|mujer|hermano|hermana|mama|madre|papa|padre|hijo|hija|companero|companera|companero de cuarto|novio|novia|"
    "pareja|amigo|amiga|vecino|vecina|primo|prima|tio|tia|sobrino|sobrina|nieto|nieta|abuelo|abuela|cunado|cunada|suegro|suegra|"
    "yerno|nuera|secretaria|secretario|asistente|recepcionista|jefe|jefa|enfermera|cuidadora|ninera|nana|casero|inquilino|"
    "companero de trabajo|senora|roommate|empleada|sirvienta|viuda|viudo|abogado|abogada|familiar|pariente|conocido|conocida"
)

CUES = Cues(
    negation=r"\b(?:no|nunca|jamas|tampoco|ni|ningun|ninguna|ninguno|nadie|nada|sin|apenas|equivocado|equivocada|incorrecto|niego)\b",
    interjection=r"negativo|incorrecto|equivocado|equivocada|niego",
    concord=r"no|nadie|nada|ninguno|ninguna|ningun|nunca|jamas|ni",
    says=r"\b(?:dije|dijo|dice|digo|dicho|decir|diciendo|pedi|pido|pidiendo|creo|pienso|quiero|quise|necesito|se|prometi|prometo)\b",
    pseudo_negation=(
        r"\b(?:no hay problema|sin problema|no importa|por que no|como no|no se preocupe|no te preocupes|no mas|nomas|no hay de que|"
        r"no esta mal|no menos de|no mas de|ni modo|no hay bronca|sin falta|sin duda|no faltaba mas|no hay pedo|nada mas|verdad que no)\b"
    ),
    hedge=(
        r"\b(?:quizas|quiza|tal vez|talvez|a lo mejor|puede que|puede ser|posiblemente|probablemente|creo|supongo|pienso|espero|esperemos|"
        r"ojala|no se|quien sabe|no estoy segur[oa]|a ver si|a ver|voy a ver|vere|veremos|intentare|tratare|tratar|intentar|me gustaria|"
        r"quisiera poder|depende|no prometo|no le prometo|no puedo prometer|dudo|imposible|tengo que (?:ver|preguntar|consultar|pensar|hablar)|"
        r"lo voy a pensar|deje pensar|deje ver|dejeme ver|dejeme pensar|podria ser|si acaso|segun|mas o menos|pensando|pudiera|yo pagaria|le pagaria|pagaria|imaginese|digamos|haga de cuenta)\b"
    ),
    condition=(
        r"(?:(?<=\w )si (?!senor|senora|senorita|claro|soy|asi|es correcto|es verdad|esta bien|por|como|habla|con el|con ella|hagalo|adelante|acepto|gracias|bueno|correcto|yo soy|esta hablando|mi nombre|digame|mande|$)|\bsi (?:me(?! llamo| parece)|pudiera|tuviera|tengo|consigo|usted|ustedes|no|quieren|cobro|logro|es que|"
        r"fuera|hubiera|puedo(?! pagar| hacer| dar| mandar| enviar| abonar| con| el| manana| hoy| depositar))\b|\ba menos que\b|\bsiempre y cuando\b|\bhasta que\b|"
        r"\bcuando (?:pueda|tenga|me prueben|me manden|usted|ustedes|consiga|encuentre)\b|\bcon tal\b|\ben caso\b|\bsuponiendo\b|\bsolo si\b|\bunicamente si\b|\bdespues de que\b)"
    ),
    later=(
        r"\b(?:algun dia|un dia de estos|eventualmente|cuando pueda|cuando tenga|mas adelante|despues veo|luego veo|en cuanto pueda|"
        r"tan pronto (?:como )?pueda|cuando se pueda|en el futuro|en algun momento|cuando sea)\b"
    ),
    third_party=(
        rf"\b(?:(?:su|sus|la|el|un|una|los|las) (?:\w+ )?(?:{_KIN})\b(?! (?:me|le|ya) )|(?:es|soy|habla|con) mi (?:{_KIN})|(?:{_KIN}) de partyname|"
        r"de parte de|hablo por|contesto por|no (?:esta|se encuentra|vive|trabaja) |el telefono de|el celular de|la casa de|la oficina de|"
        r"(?:el|ella|ellos|partyname) (?:no(?! (?:le|lo|la|te) (?:oi|oigo|escuch|entend|entiend|alcan))|ya|esta|esta|es|murio|vive|trabaja|salio|fallecio|viene|regresa|se(?! (?:escucha|oye|corta|entrecorta|esta cortando))|anda|fue|era|tiene|puede|va)\b|"
        r"(?:digale|dile|decirle|le digo|le dejo|le paso|pasarle|se lo paso|la paso|lo paso|se la paso|avisarle|le aviso)\b|conozco a|busca a|buscan a|buscando a|pregunta por|preguntando por|"
        r"poder notarial|en nombre de|otro partyname|otra partyname)\b"
    ),
    reported=(
        r"\b(?:(?:me|te|le|nos|les|se) (?:dijo(?!$)|dice(?!$| (?:el|su|de|quien|que compania|como|para|por|cual|otra))|dicen|dijeron|pregunto|pregunta|grito|conto|prometieron|pidio)|(?<!me )(?<!como )(?<!que )dijo(?!$)|(?<!me )(?<!que )dice(?!$)|dicen|dijeron|diciendo que|pregunto|preguntan|pregunta|"
        r"preguntando|segun|confundiendo con|confunde con|confundieron con|haciendose pasar|la carta dice|supuestamente)\b"
    ),
    told_us=r"\b(?:ya )?(?:le|les|te|se lo|se los) (?:dije|digo|he dicho|pedi|pido|estoy diciendo|estoy pidiendo|repito)\b|\b(?:yo )?(?:ya )?(?:dije|digo)\b",
    sarcasm=(
        r"\b(?:cuando (?:las|los) (?:vacas|cerdos|puercos|chanchos|marranos|burros|elefantes) vuel[ea]n|ranas crien pelo|ni en suenos|en (?:tus|sus) suenos|si como no|"
        r"aja si|si aja|sobre mi cadaver|loteria|dia del juicio|santa claus|papa noel|reyes magos|ratoncito|un millon de dolares|un millon|es broma|bromeando|broma|"
        r"ja ja|jaja|jajaja|infierno se congele|que chistoso|hacer reir|haga reir|hagan reir|vete a saber|batman|superman|la reina|si claro como no|"
        r"si hombre|siga sonando|sigan sonando|sueno guajiro|te lo juro por|hasta cree|como si|en otra vida|si tu dices|si usted dice|lo que usted diga|lo que digas)\b"
    ),
    retraction=(
        r"(?:\b(?:espere no|mejor no|olvidelo|pero no|pero no puedo|no es cierto|mentira|retiro lo dicho|no|nunca)$|\bmejor no\b|\bespere no\b|\bno espere\b|\bno no puedo\b|\bpero no (?:el|puedo|voy|este|la)\b|\bdigo no\b|\bmentira\b)"
    ),
    question=(
        r"^(?:y |pero |si |bueno |oiga |oye |perdon |disculpe |a ver |con |de |a |para )*(?:quien|quienes|que|por que|cuando (?:puedo|tengo)|donde|cual|cuanto|cuantos|acaso|es usted|eres|esta usted|como (?:le |les |lo |se lo )?(?:voy|vamos|quiere|quieres|quieren|cree|creen|espera|esperan)|(?:usted |ustedes )?(?:quiere|quieren) que)\b"
    ),
    someone_else_does=(
        rf"\b(?:(?:el|ella|ellos|ellas|usted|ustedes|alguien|partyname|mi (?:{_KIN})|su (?:{_KIN})|el seguro|la aseguranza|mi aseguranza|mi seguro|el gobierno|mi jefe|mi abogado|mi ex) "
        r"(?:me |le |les |lo |la |se lo |nos |ya )*(?:va|van|puede|pueden|paga|pagan|pagara|pagaran|pago|podria|tiene que|debe|quiere|dice|manda|mandara|deposita|depositara|cubre|cubrira))\b"
    ),
    other_debts=(
        r"\b(?:renta|alquiler|hipoteca|la luz|el agua|el gas|el telefono|el carro|el coche|la troca|atencion|impuestos|pension|colegiatura|"
        r"la escuela|el mandado|visita|mis otras|mis cuentas|mis biles|los biles|otros biles|mi abogado|la comida|a mi casero|el seguro del carro|la tienda)\b"
    ),
    yes=(
        r"\b(?:si(?! me| no| pudiera| tuviera| tengo| quiere| usted| fuera)|claro|correcto|asi es|exacto|exactamente|por supuesto|desde luego|esta bien|de acuerdo|okay|bueno|vale|sale|perfecto|"
        r"seguro|afirmativo|efectivamente|eso es|andale|andele|simon|como no|adelante|hagalo|me parece bien|cierto|aja|con gusto|acepto|confirmo|"
        r"claro que si|sip|yes|orale|va|muy bien|de una|estoy de acuerdo|me parece|por favor si)\b"
    ),
    no=r"\b(?:no (?:es|esta|era|fue|me parece|estoy)(?: nada| muy| tan| para nada)? (?:bien|correcto|cierto|verdad|asi|de acuerdo|claro|seguro|exacto|correcta)|no|nunca|jamas|nel|para nada|de ninguna manera|negativo|incorrecto|tampoco|ni hablar|nada de eso|claro que no|nop)\b",
    general=(
        r"^(?:que|como|quien|donde|cuando|por que|cual|cuales|cuanto|cuanta|cuantos|cuantas|busca|buscar|encuentra|muestra|muestrame|lee|dime|toca|pon|crea|"
        r"explica|define|recuerdame|reserva|agrega|traduce|enciende|apaga|abre|calcula|compra|ordena|hay)\b"
    ),
    self_reference=r"\b(?:yo|me|mi|mis|mio|mia|nos|nosotros|nuestro|nuestra|usted|ustedes|su|sus|le|les|te|tu|soy|estoy|tengo|quiero|puedo|partyname|el|ella|esto|este|esta|eso|\w+(?:eme|enme|me))\b",
    plain=(
        r"\b(?:si|claro|correcto|asi|es|exacto|exactamente|por|supuesto|desde|luego|esta|bien|de|acuerdo|okay|bueno|vale|sale|perfecto|seguro|"
        r"afirmativo|efectivamente|eso|andale|andele|andele pues|simon|senores|verdad|correcta|creo que no|oiga|como|no|adelante|hagalo|me|parece|cierto|aja|con|gusto|acepto|confirmo|que|sip|yes|orale|va|muy|"
        r"una|estoy|favor|gracias|senor|senora|senorita|nunca|jamas|nel|para|nada|ninguna|manera|negativo|incorrecto|tampoco|ni|hablar|nop|lo|la|el|"
        r"yo|soy|mismo|misma|hola|buenas|buenos|tardes|dias|noches|joven|quiero|pues|digame|diga|creo|asi es|hombre|eh)\b"
    ),
    confirms=(
        r"(?:(?:hola|buenas|bueno|tardes|dias|buenos|noches) )*(?:si|correcto|asi es|exacto|efectivamente|aja|afirmativo)"
        r"(?: (?:si|senor|senora|senorita|soy|yo|asi|es|correcto|el|mismo|la|misma|a|sus|ordenes))*"
    ),
    introduces=r"\b(?:soy yo|soy|le habla|habla|me llamo|mi nombre es|nombre es|aqui habla|aqui esta|usted habla con|esta hablando con|hablando con|con)\b",
    unbounded=r"\b(?:ni|casa|celular|nunca mas|jamas|en paz|ningun|ningun lado|ninguna parte|lista|para siempre|en absoluto)\b",
    supposes=r"\b(?:(?:pense|crei|creia|pensaba|imagine)(?: que)?(?: ya)?|necesito|ocupo|busco|prefiero(?: irme a la| declararme en| la)?)$",
    concedes=r"\bno (?:lo |la )?(?:disputo|disputando|niego|nego|discuto|dudo|impugno|estoy disputando|estoy negando|digo que no|le discuto)\b",
    undoes=r"\b(?:por que|cuando) (?:ya )?(?:dejaron|dejo|pararon|paro)(?: ya)? de\b|\b(?:esposa|esposo|mama|papa|hijo|hija) (?:\w+ )?(?:dijo|pidio) (?:\w+ ){0,8}pero (?:esta bien|no hay problema|no importa)\b",
)

NUMERALS = Numerals(
    units={
        w: i
        for i, w in enumerate(
            "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis diecisiete dieciocho diecinueve".split()
        )
    }
    | {
        w: i
        for i, w in enumerate(
            "veintiuno veintidos veintitres veinticuatro veinticinco veintiseis veintisiete veintiocho veintinueve".split(), 21
        )
    }
    | {"veintiun": 21},
    tens={w: 10 * i for i, w in enumerate("veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa".split(), 2)},
    hundreds={
        "cien": 100, "ciento": 100, "doscientos": 200, "doscientas": 200, "trescientos": 300, "trescientas": 300,
        "cuatrocientos": 400, "cuatrocientas": 400, "quinientos": 500, "quinientas": 500, "seiscientos": 600,
        "setecientos": 700, "ochocientos": 800, "novecientos": 900,
    },
    multipliers={"mil": 1000},
    ordinals={"primero": 1, "primer": 1, "primera": 1},
    repeats={"doble": 2, "triple": 3},
    joiner="y",
    months={
        "enero": 1, "febrero": 2, "marzo": 3, "abril": 4, "mayo": 5, "junio": 6, "julio": 7, "agosto": 8,
        "septiembre": 9, "setiembre": 9, "octubre": 10, "noviembre": 11, "diciembre": 12,
    },
    weekdays={"lunes": 0, "martes": 1, "miercoles": 2, "jueves": 3, "viernes": 4, "sabado": 5, "domingo": 6},
)  # fmt: skip

_CORRECTIONS = tuple(
    (re.compile(heard), meant)
    for heard, meant in (
        (r"\b(?:ase|ace) (dias|semanas|meses|anos|un|una|dos|tres)\b", r"hace \1"),
        (r"\bnumero (?:ekivocado|equibocado)\b", "numero equivocado"),
        (r"\b(?:ekivocado|equibocado|equivocao)\b", "equivocado"),
        (r"\byam(ar|en|e|an|ando|o|aron|ada|adas|arme|enme|eme)\b", r"llam\1"),
        (r"\b(no|aqui|si|que|todavia) ay\b|^ay (?=nadie|alguien|algun|un |una )", r"\1 hay"),
        (r"\b(voy|vas|va|vamos|van) ha\b", r"\1 a"),
        (r"\bola\b", "hola"),
        (r"\bable(n|me|nme)?\b", r"hable\1"),
        (r"\b(otra|una|tal|cada) ves\b", r"\1 vez"),
        (r"\b(?:aya|haiga)\b", "haya"),
        (
            r"\beste (?!(?:es|numero|telefono|celular|momento|lunes|martes|miercoles|jueves|viernes|sabado|domingo|mes|ano|dia|fin|"
            r"senor|cargo|saldo|cobro|pago|cuenta|asunto|hombre|lugar|trabajo|tiempo|otro|tipo|banco|abogado|proximo|contrato|prestamo|"
            r"servicio|monto|credito|reporte|caso|recibo|cheque|plazo|mensaje|codigo|domicilio|rato|no es|ya no es|no era|"
            r"nunca fue|si es|y|mismo|ultimo|verano|invierno|pais|nombre|negocio|problema)\b)(?=\w)",
            "",
        ),
        (r"(?<=\w )este$", ""),
        (r"\b(?:habogado|avogado)\b", "abogado"),
        (r"\bno ablo\b", "no hablo"),
        (r"\bablo\b", "hablo"),
        (r"\b(?:kien)\b", "quien"),
        (
            r"\b(telefono|celular|bateria|pila|carro|coche|computadora|perro|perra|perrito|perrita|gato|gata)((?: ya| se| me)*) murio\b",
            r"\1\2 acabo",
        ),
        (
            r"\bmurio (el|la|mi) (telefono|celular|bateria|pila|carro|coche|computadora|perro|perra|perrito|perrita|gato|gata)\b",
            r"acabo \1 \2",
        ),
        (r"\b(?:ai|ahi) no\b", "ahi no"),
    )
)

SPANISH = Language(
    code="es",
    contractions={
        "pa": ("para",),
        "pal": ("para", "el"),
        "q": ("que",),
        "xq": ("por", "que"),
        "porque": ("porque",),
        "porfa": ("por", "favor"),
        "ok": ("okay",),
        "okey": ("okay",),
        "oki": ("okay",),
        "ta": ("esta",),
        "toy": ("estoy",),
        "tas": ("estas",),
        "sii": ("si",),
        "siii": ("si",),
        "noo": ("no",),
        "nooo": ("no",),
        "sr": ("senor",),
        "sra": ("senora",),
        "del": ("del",),
        "quisas": ("quizas",),
        "stop": ("pare",),
        "bye": ("adios",),
        "mañana": ("manana",),
    },
    fillers=frozenset(
        "eh este em mmm ehm ah oh pues mira fijese literalmente realmente simplemente pinche pinches maldito maldita malditos malditas".split()
    )
    - {"este"},
    openers=re.compile(r"(?:(?:oiga|oye|mire|ay|ey|hey|a ver(?! si (?:le|les|lo|puedo|me|te|consigo|tengo|mando|pago|alcanzo|se)\b)|fijese|sabe que|ah)(?: senor| senora| senorita| joven| oiga| usted)? )+(?=\w)"),
    filler_phrases=(("o", "sea"), ("es", "que"), ("la", "verdad"), ("por", "favor")),
    corrections=_CORRECTIONS,
    clause_openers=frozenset({"pero", "porque", "aunque", "asi", "entonces", "y", "sino", "ademas", "tambien", "pues"}),
    subjects=frozenset(
        {
            "yo",
            "usted",
            "ustedes",
            "ella",
            "ellos",
            "nosotros",
            "alguien",
            "soy",
            "tengo",
            "estoy",
            "quiero",
            "puedo",
            "deje",
            "dejen",
            "quien",
            "mi",
        }
    ),
    auxiliaries=frozenset(
        "soy estoy tengo quiero puedo voy no ya me lo le debo pague he habia era fui perdi de que un una el la en yo llamar llamarme mi "
        "es esposo esposa abogado jefe usted trabajando enfermo sin mucho muy a con hablar pagar pagarle hacer dar mandar".split()
    ),
    inverts=frozenset({"es", "esta", "eres"}),
    pronouns=frozenset({"usted", "ustedes"}),
    asks=frozenset({"quien", "donde", "cual"}),
    complementisers=frozenset(
        "que si cuando como donde quien no nunca ni digo dije dijo dice dicen sabe creo pienso espero porque el la los las un una de a en con "
        "y o pero su mi yo ya le me se lo todavia tampoco aunque para por sin al del es".split()
    ),
    cues=CUES,
    numerals=NUMERALS,
    common_words=frozenset(
        "el la los las un una de del que en a con por para su mi el quien esta hablando usted ustedes yo nadie nada persona numero casa "
        "esperese esperame aguanteme aguante aguantame repita repitame expliqueme hableme llameme marqueme escucheme digamelo sobre acerca cuenteme ocupo ocupa oigo escucho entiendo corta oye escucha "
        "oiga mire senor senora senorita joven usted gusto ordenes servirle mucho momento momentito tantito segundo minuto espereme permitame dejeme disculpe perdon digame diga mande bueno buenas dias tardes noches claro correcto si no que quien cual como cuando donde porque pero y o ya hola adios verdad senores amigo amiga jefe patron "
        "favor gracias ahorita ahora manana hoy luego tarde trabajo dinero deuda cuenta pago viejo nuevo mismo misma otro otra solo aqui alla muy mas bien mal "
        "ocupado ocupada enfermo enferma pobre viuda viudo mexicano mexicana ciudadano legal mayor menor joven cliente dueno duena responsable culpable".split()
    ),
)
