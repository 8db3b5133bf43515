"""Names of months and weekdays in the languages that dates are written in."""

from dataclasses import dataclass

from galleria.errors import UnsupportedError


@dataclass(frozen=True)
class Names:
    """Months from January; weekdays from Sunday."""

    months: tuple[str, ...]
    short_months: tuple[str, ...]
    days: tuple[str, ...]
    short_days: tuple[str, ...]


def names_of(language: str) -> Names:
    """The names in a language, which is called by its English or its own name; raises UnsupportedError for one that is not known."""
    try:
        return _LANGUAGES[_ALIASES.get(language.strip().casefold(), language.strip().casefold())]
    except KeyError:
        raise UnsupportedError(f"language {language}", f"dates can be written in {', '.join(sorted(_LANGUAGES)).title()}") from None


def _names(months: str, short_months: str, days: str, short_days: str) -> Names:
    return Names(tuple(months.split()), tuple(short_months.split()), tuple(days.split()), tuple(short_days.split()))


_CJK_MONTHS = " ".join(f"{month}月" for month in range(1, 13))
_LANGUAGES = {
    "english": _names(
        "January February March April May June July August September October November December",
        "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
        "Sunday Monday Tuesday Wednesday Thursday Friday Saturday",
        "Sun Mon Tue Wed Thu Fri Sat",
    ),
    "german": _names(
        "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
        "Jan Feb Mrz Apr Mai Jun Jul Aug Sep Okt Nov Dez",
        "Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag",
        "So Mo Di Mi Do Fr Sa",
    ),
    "french": _names(
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
        "dimanche lundi mardi mercredi jeudi vendredi samedi",
        "dim. lun. mar. mer. jeu. ven. sam.",
    ),
    "spanish": _names(
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
        "ene. feb. mar. abr. may. jun. jul. ago. sep. oct. nov. dic.",
        "domingo lunes martes miércoles jueves viernes sábado",
        "dom. lun. mar. mié. jue. vie. sáb.",
    ),
    "italian": _names(
        "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
        "gen feb mar apr mag giu lug ago set ott nov dic",
        "domenica lunedì martedì mercoledì giovedì venerdì sabato",
        "dom lun mar mer gio ven sab",
    ),
    "portuguese": _names(
        "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
        "jan fev mar abr mai jun jul ago set out nov dez",
        "domingo segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado",
        "dom seg ter qua qui sex sáb",
    ),
    "chinese": _names(
        "一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月",
        _CJK_MONTHS,
        "星期日 星期一 星期二 星期三 星期四 星期五 星期六",
        "周日 周一 周二 周三 周四 周五 周六",
    ),
    "japanese": _names(_CJK_MONTHS, _CJK_MONTHS, "日曜日 月曜日 火曜日 水曜日 木曜日 金曜日 土曜日", "日 月 火 水 木 金 土"),
}
_ALIASES = {
    "": "english",
    "en": "english",
    "deutsch": "german",
    "français": "french",
    "francais": "french",
    "español": "spanish",
    "espanol": "spanish",
    "italiano": "italian",
    "português": "portuguese",
    "portugues": "portuguese",
    "chinese (simplified)": "chinese",
    "simplified chinese": "chinese",
    "中文": "chinese",
    "简体中文": "chinese",
    "日本語": "japanese",
}
ENGLISH = _LANGUAGES["english"]
