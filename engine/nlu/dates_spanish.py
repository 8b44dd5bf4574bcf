"""Spanish phrases for days."""

from datetime import timedelta

from engine.nlu import day_meanings as means
from engine.nlu.day_meanings import Grammar, Meaning, month_after, month_end, next_weekday


def _spanish() -> Grammar:
    month = (
        "(?P<month>enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre)"
    )
    weekday = "(?P<weekday>lunes|martes|miercoles|jueves|viernes|sabado|domingo)"
    year = r"(?: (?:de |del )?(?:ano )?(?P<year>(?:19|20)\d\d))?"
    number = r"(?P<n>\d{1,3}|una?|un par de)"
    unit = "(?P<unit>dias?|semanas?|mes|meses|anos?|quincenas?)"
    coming = "(?:proxim[oa]|siguiente|entrante)"
    table: tuple[tuple[str, Meaning], ...] = (
        (r"(?P<y>(?:19|20)\d\d)[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})", means.iso),
        (r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<y>\d{4}|\d\d)", means.slashes),
        (rf"(?:el )?(?:dia )?(?P<day>\d{{1,2}})(?:th)? de {month}{year}", means.month_day),
        (rf"{month} (?P<day>\d{{1,2}})(?:th)?{year}", means.month_day),
        (
            rf"(?:el )?(?:dia )?(?P<day>\d{{1,2}})(?:th)? del? (?:mes que viene|{coming} mes|mes {coming}|"
            rf"mes entrante)",
            means.day_of_next_month,
        ),
        (rf"(?:dentro de|en|de aqui a|de hoy en) (?:unos |unas )?{number} {unit}", means.ahead),
        (r"de hoy en 8", means.in_days(7)),
        (r"(?:la )?nochebuena", means.holiday(12, 24)),
        (r"(?:la )?navidad", means.holiday(12, 25)),
        (rf"hace (?:unos |unas |como )?{number} {unit}", means.back),
        (rf"(?:cada|todos los) (?:{weekday}|\d+|mes|semana|quincena)", means.no_day),
        (r"pasado manana", means.in_days(2)),
        (r"(?<!la )(?<!las )manana(?: mismo)?", means.in_days(1)),
        (r"ayer|anoche", means.in_days(-1)),
        (r"hoy(?: mismo| dia)?|ahorita|esta (?:noche|tarde|manana)|ahora mismo", means.in_days(0)),
        (r"anteayer|antier|antes de ayer", means.in_days(-2)),
        (
            rf"(?:el )?{weekday} (?:de )?(?:la )?(?:{coming} semana|semana que viene|semana {coming})",
            means.weekday_of_next_week,
        ),
        (rf"(?:el )?{weekday} (?:pasado|anterior)", means.last_weekday),
        (rf"(?:el )?{coming} {weekday}", means.weekday_called_next),
        (rf"(?:el )?{weekday} (?:{coming}|que viene)", means.weekday_called_next),
        (rf"(?:el )?{weekday} (?P<day>\d{{1,2}})", means.weekday_and_day),
        (
            r"(?:a |al |en |el |para |a el )?(?:fin|fines|final|finales|ultimo dia|ultimo) (?:de|del) (?:este )?mes",
            means.end_of_month(0),
        ),
        (rf"(?:al |a )?(?:fin|final|finales|ultimo dia) del? (?:mes que viene|{coming} mes)", means.end_of_month(1)),
        (
            r"(?:este |el )?fin de semana",
            lambda r: (next_weekday(r.today, 5, today_counts=True), next_weekday(r.today, 6, today_counts=True)),
        ),
        (rf"(?:este |el |para el |los )?{weekday}", means.coming_weekday),
        (
            r"(?:el|dia|para el|antes del|antes de el|del|hasta el|al) (?:dia )?(?P<day>\d{1,2})(?:th)?(?: de(?:l|"
            r" este)? mes)?(?! (?:por ciento|dolares|pesos|de cada|anos|meses|dias|semanas|horas|veces|personas|"
            r"digitos|pagos|porciento))",
            means.day_of_month,
        ),
        (
            rf"(?:la )?(?:{coming} semana|semana que viene|semana {coming})",
            lambda r: (r.today + timedelta(7 - r.today.weekday()), r.today + timedelta(13 - r.today.weekday())),
        ),
        (
            rf"(?:el )?(?:{coming} mes|mes que viene|mes {coming})",
            lambda r: (month_after(r.today, 1), month_end(month_after(r.today, 1))),
        ),
    )
    return Grammar.of(table, r"\b(?:ayer|hace|pasado(?! manana)|pague|pagado|pagamos|mande|envie|fue|pagaron|"
     r"anterior)\b",
     rf"(?:el )?(?:{number} )?(?P<unit>dias?|semanas?|mes|meses) (?P<way>despues|antes) del?")


SPANISH_DAYS = _spanish()
