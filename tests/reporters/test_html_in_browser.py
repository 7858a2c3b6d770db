"""The report in a real browser."""

import re
from pathlib import Path

from lxml import html as lxml_html

from harness.reporters.html import html
from harness.results.summary import summarize
from tests.reporters.browser import driven, opened, without_policy
from tests.reporters.sample import REQUIREMENTS, large, records

_PAGE = html(summarize(records(), REQUIREMENTS)).decode()


def test_page_opens_without_a_word_on_the_console(tmp_path: Path) -> None:
    dom, said = opened(tmp_path, _PAGE)
    tree = lxml_html.document_fromstring(dom)
    assert said == ""
    assert tree.xpath("string(//title)").startswith("8 surprises")
    assert tree.xpath("//form[contains(@class, 'filter')][not(@hidden)]"), "the script has not run"


def test_policy_stops_a_script_that_is_not_ours(tmp_path: Path) -> None:
    page = _PAGE.replace("</body>", "<script>document.title = 'broken'</script></body>")
    dom, said = opened(tmp_path, page)
    assert "Content Security Policy" in said
    assert "<title>broken" not in dom


_FILTERS = {
    "": 17,
    "verdict('fail')": 5,
    "verdict('surprise')": 7,
    "verdict('fail'); choose('target', '1')": 3,
    "choose('family', 'roster')": 2,
    "choose('document', 'XEP-0045')": 2,
    "choose('search', 'ROSTER push')": 2,
    "choose('search', 'no such thing')": 0,
}


def test_filter_shows_what_was_asked_for(tmp_path: Path) -> None:
    script = """
        const form = document.querySelector('.filter');
        const verdict = (name) => { form.querySelector('[value=' + name + ']').checked = true; };
        const choose = (id, value) => { document.getElementById(id).value = value; };
        const shown = () => {
          form.dispatchEvent(new Event('input'));
          const number = [...document.querySelectorAll('details.case')].filter((one) => !one.hidden).length;
          form.reset();
          return number;
        };
        const found = [];
    """
    steps = "".join(f"{change}; found.push(shown());" for change in _FILTERS)
    assert driven(tmp_path, _PAGE, f"{script}{steps} document.title = found.join(' ')") == " ".join(
        str(number) for number in _FILTERS.values()
    )


def test_packed_conversation_unfolds_when_its_case_isopened(tmp_path: Path) -> None:
    script = """
        const one = document.querySelector('.packed').closest('details.outcome');
        one.closest('details.case').open = true;
        one.open = true;
        for (let turn = 0; turn < 200 && !one.querySelector('svg.sequence'); turn += 1)
          await new Promise((done) => setTimeout(done, 5));
        const number = (what) => one.querySelectorAll(what).length;
        document.title = number('.log li') + ' ' + number('.packed');
    """
    assert driven(tmp_path, _PAGE, script) == "9 0"


def test_link_to_an_outcome_opens_it(tmp_path: Path) -> None:
    script = """
        const link = document.querySelector('.shown a');
        location.hash = link.hash;
        await new Promise((done) => setTimeout(done, 50));
        const place = document.getElementById(link.hash.slice(1));
        document.title = place.open + ' ' + place.closest('details.case').open;
    """
    assert driven(tmp_path, _PAGE, script) == "true true"


def test_theme_switch_goes_round(tmp_path: Path) -> None:
    script = """
        const seen = [];
        for (let turn = 0; turn < 3; turn += 1) {
          document.getElementById('theme').click();
          seen.push(document.documentElement.dataset.theme || 'auto');
        }
        document.title = seen.join(' ');
    """
    assert driven(tmp_path, _PAGE, script) == "light dark auto"


def test_failures_are_readable_without_the_script(tmp_path: Path) -> None:
    page = re.sub(r"<script>.*?</script>", "", _PAGE, flags=re.DOTALL)
    measure = """<script>
        const causes = [...document.querySelectorAll('.cause')].every((one) => one.offsetHeight > 80);
        document.querySelector('details.case:has(svg.sequence)').open = true;
        const picture = document.querySelector('details.case[open] svg.sequence').getBoundingClientRect();
        const filter = document.querySelector('.filter').offsetHeight;
        document.title = [causes, picture.height > 80, filter].join(' ');
    </script>"""
    page = without_policy(page).replace("</body>", f"{measure}</body>")
    dom, said = opened(tmp_path, page)
    assert said == ""
    assert lxml_html.document_fromstring(dom).xpath("string(//title)") == "true true 0"


def test_page_is_not_wider_than_a_telephone(tmp_path: Path) -> None:
    script = """
        const frame = document.createElement('iframe');
        frame.style.width = '420px';
        frame.srcdoc = document.documentElement.outerHTML.replace(/<script>[^]*<[/]script>/g, '');
        document.body.append(frame);
        await new Promise((done) => frame.onload = done);
        for (const part of frame.contentDocument.querySelectorAll('details')) part.open = true;
        document.title = frame.contentDocument.documentElement.scrollWidth <= 420;
    """
    assert driven(tmp_path, _PAGE, script) == "true"


_PRESSED = """
    const press = (key, more) => (document.activeElement || document.body).dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }));
    const at = () => document.activeElement.closest('details.case')?.id ?? document.activeElement.id;
    const dialog = document.getElementById('keys');
    const seen = [];
"""


def test_keys_go_from_case_to_case_and_open_them(tmp_path: Path) -> None:
    script = """
        press('j'); seen.push(at());
        press('j'); press('j'); seen.push(at());
        press('k'); seen.push(at());
        press('o'); seen.push(document.getElementById(at()).open);
        press('Escape'); seen.push(document.getElementById(at()).open);
        press('/'); seen.push(at());
        press('Escape'); seen.push(at());
        document.getElementById('search').value = 'roster push';
        document.querySelector('.filter').dispatchEvent(new Event('input'));
        press('j'); press('j'); press('j'); seen.push(document.activeElement.textContent.includes('roster/'));
        document.title = seen.join(' ');
    """
    assert driven(tmp_path, _PAGE, _PRESSED + script) == "case-1 case-3 case-2 true false search  true"


def test_keys_stay_silent_where_somebody_writes_and_with_other_keys(tmp_path: Path) -> None:
    script = """
        for (const key of ['ctrlKey', 'altKey', 'metaKey']) press('j', { [key]: true });
        seen.push(at());
        document.getElementById('search').focus();
        press('j'); press('?'); seen.push(at(), dialog.open);
        document.getElementById('family').focus();
        press('j'); seen.push(at());
        document.title = seen.join(' ');
    """
    assert driven(tmp_path, _PAGE, _PRESSED + script) == " search false family"


def test_keys_are_told_and_can_be_switched_off(tmp_path: Path) -> None:
    script = """
        press('?'); seen.push(dialog.open);
        press('j'); seen.push(dialog.contains(document.activeElement));
        document.getElementById('keys-on').click();
        dialog.close();
        document.activeElement.blur();
        press('j'); press('/'); press('?'); seen.push(at(), dialog.open);
        document.getElementById('keys-open').click(); seen.push(dialog.open);
        document.title = seen.join(' ');
    """
    assert driven(tmp_path, _PAGE, _PRESSED + script) == "true true  false true"


def test_sign_beside_a_part_puts_its_address_into_the_location(tmp_path: Path) -> None:
    script = """
        const one = document.querySelector('details.case');
        const sign = () => document.querySelector('summary .permalink');
        one.querySelector('summary').focus();
        seen.push(sign().getAttribute('aria-label'), getComputedStyle(sign()).opacity);
        sign().click(); seen.push(location.hash, one.open);
        one.open = true;
        one.querySelector('.outcome > summary').dispatchEvent(new Event('pointerover', { bubbles: true }));
        sign().click(); seen.push(location.hash);
        document.querySelector('.cause .permalink').click(); seen.push(location.hash);
        const target = document.querySelector('.target > summary');
        target.dispatchEvent(new Event('pointerover', { bubbles: true }));
        sign().click(); seen.push(location.hash, document.querySelectorAll('summary .permalink').length);
        document.title = seen.join(' ');
    """
    expected = "Link to this case 1 #case-1 false #case-1-1 #cause-1 #target-reference 1"
    assert driven(tmp_path, _PAGE, _PRESSED + script) == expected


def test_link_to_a_target_opens_its_page(tmp_path: Path) -> None:
    script = """
        location.hash = document.querySelector('#targets tbody a').hash;
        await new Promise((done) => setTimeout(done, 50));
        document.title = document.querySelector(location.hash).open;
    """
    assert driven(tmp_path, _PAGE, script) == "true"


def test_paper_has_failures_whole_and_nothing_to_click(tmp_path: Path) -> None:
    script = """
        document.documentElement.dataset.theme = 'dark';
        const before = document.querySelectorAll('details.case[open]').length;
        dispatchEvent(new Event('beforeprint'));
        const all = (what) => [...document.querySelectorAll(what)];
        const gone = all('.top, .filter, .skip, .permalink, dialog').every((one) => one.offsetHeight === 0);
        const whole = all('.difference, .scroll, .picture').filter(
          (one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.className + one.scrollWidth);
        const seen = all('details.case[open] .difference').filter((one) => one.offsetHeight > 20).length;
        const breaks = all('.cause header').map((one) => getComputedStyle(one).breakInside);
        const ink = getComputedStyle(document.body).color;
        const closed = all('details.target:not([open])').length;
        document.title = [before, closed, gone, whole, seen > 4, ...new Set(breaks), ink].join(' ');
    """
    page = _PAGE.replace("@media print", "@media all").replace("@media screen", "@media not all")
    found = driven(tmp_path, page, script, width=700)  # of A4 between its margins
    assert found == "0 0 true  true avoid-page rgb(29, 28, 26)"


def test_packed_case_is_found_and_unfolds_for_a_link_into_it(tmp_path: Path) -> None:
    page = html(summarize(large(300, 4), REQUIREMENTS)).decode()
    script = """
        const packed = document.querySelector('details.case:has(> .packed)');
        const inner = packed.id + '-3';
        const before = document.getElementById(inner);
        location.hash = inner;
        for (let turn = 0; turn < 200 && !document.getElementById(inner)?.open; turn += 1)
          await new Promise((done) => setTimeout(done, 5));
        const one = document.getElementById(inner);
        document.getElementById('search').value = 'rfc6120-6.5.10-no-user';
        document.querySelector('.filter').dispatchEvent(new Event('input'));
        const found = document.querySelectorAll('details.case:not([hidden])').length;
        const told = one.textContent.includes("is in the run record");
        document.title = [before, packed.open, one.open, told, found].join(' ');
    """
    assert driven(tmp_path, page, script) == " true true true 300"
