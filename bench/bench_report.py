# SPDX-License-Identifier: GPL-2.0-only
"""The page with plots: gnuplot makes the pictures, this says what is in them."""
import html
import shutil
import statistics
import subprocess

KIB = 1024
WHO = {"clear": "clear sectors", "scrambled": "scrambled sectors", "stock": "stock tgtd, cd", "tcp": "raw TCP"}
STYLE = "body{font:15px/1.5 sans-serif;max-width:64em;margin:2em auto;padding:0 1em}" \
        "table{border-collapse:collapse}td,th{padding:.15em .8em;text-align:right;border-bottom:1px solid #ddd}" \
        "td:first-child,th:first-child{text-align:left}.no{color:#b00;font-weight:bold}img{max-width:100%}"


def block(name, lines):
    return f"${name} << EOD\n" + "\n".join(lines) + "\nEOD\n"


def plot(path, title, setup, blocks, curves):
    script = f"set terminal svg size 860,440 font 'sans,12' background 'white'\nset output '{path}'\n" \
             f"set title \"{title}\"\nset key outside right\nset grid ytics\n{setup}\n{''.join(blocks)}" \
             f"plot {', '.join(curves)}\n"
    subprocess.run(["gnuplot"], input=script, text=True, check=True)
    return path.name


def middle(runs, field="per_second"):
    return statistics.median(run[field] for run in runs)


def throughput(folder, found):
    """A picture for each depth: MB/s by request size, each of the four."""
    sequential = [m for m in found["reads"]["measured"] if m["mode"] == "seq"]
    pictures = []
    for depth in sorted({m["depth"] for m in sequential}):
        cases = [m for m in sequential if m["depth"] == depth]
        blocks = [block(who, [f"{m['bytes'] // KIB} {middle(m['runs'][who]) * m['bytes'] / 1e6}" for m in cases])
                  for who in WHO]
        pictures.append(plot(folder / f"reads-depth-{depth}.svg", f"Sequential reads, {depth} outstanding",
                             "set logscale x 2\nset xlabel 'KiB a read'\nset ylabel 'MB/s'\nset yrange [0:*]",
                             blocks, [f"${who} with linespoints title '{name}'" for who, name in WHO.items()]))
    return pictures


def latency(folder, found):
    """Bars: percentiles of one kind of read after the other."""
    cases = [m for m in found["reads"]["measured"] if m["mode"] == "rand" or (m["depth"], m["bytes"]) == (1, 64 * KIB)]
    pictures = []
    for m in cases:
        name = f"{m['mode']}-{m['bytes'] // KIB}-{m['depth']}"
        lines = [f"\"{who}\" " + " ".join(str(middle(m["runs"][who], f"p{p}_us")) for p in (50, 90, 99)) for who in WHO]
        kind = "Random" if m["mode"] == "rand" else "Sequential"
        pictures.append(plot(folder / f"latency-{name}.svg",
                             f"{kind} {m['bytes'] // KIB} KiB, {m['depth']} outstanding: time of a read",
                             "set style data histograms\nset style fill solid 0.8\nset ylabel 'us'\nset yrange [0:*]",
                             [block("d", lines)],
                             [f"$d using {column}:xtic(1) title '{p} %'" for column, p in ((2, 50), (3, 90), (4, 99))]))
    return pictures


def cipher(folder, found):
    rows = found["cipher"]["measured"]
    kernels = list(dict.fromkeys(row["kernel"] for row in rows))
    blocks = [block(f"k{i}", [f"{r['sectors']} {r['gb_per_s_median']} {r['gb_per_s_min']} {r['gb_per_s_max']}"
                              for r in rows if r["kernel"] == kernel]) for i, kernel in enumerate(kernels)]
    return [plot(folder / "cipher.svg", "Scrambling, one core",
                 "set logscale x 2\nset logscale y\nset xlabel 'sectors a request'\nset ylabel 'GB/s'", blocks,
                 [f"$k{i} with yerrorlines title '{kernel}'" for i, kernel in enumerate(kernels)])]


def scale(folder, found):
    runs = {int(count): many for count, many in found["scale"]["measured"]["dvdemu"].items()}
    few = min(runs)
    base = middle(runs[few], "resident_kib")
    lines = [f"{count} {1e3 * middle(many, 'ready_s')} {(middle(many, 'resident_kib') - base) / KIB + 0.001}"
             for count, many in sorted(runs.items())]
    return [plot(folder / "drives.svg", "Drives in one daemon",
                 "set logscale x\nset xlabel 'drives'\nset ylabel 'ms until ready'\nset y2label 'MiB more than one drive'\n"
                 "set ytics nomirror\nset y2tics\nset yrange [0:*]\nset y2range [0:*]",
                 [block("d", lines)],
                 ["$d using 1:2 with linespoints title 'ready'",
                  "$d using 1:3 axes x1y2 with linespoints title 'memory'"])]


PLOTS = (("reads", throughput, "Throughput"), ("reads", latency, "Latency"),
         ("cipher", cipher, "Scrambling by kernel and request size"), ("scale", scale, "What drives cost"))


def cell(row):
    if "ratio" in row:
        ratio, least = row["ratio"], row["at_least"]
        missed = least is not None and ratio["median"] < least
        numbers = [f"{row['ours']:.0f}", f"{row['peer']:.0f}", f"{ratio['min']:.2f}", f"{ratio['median']:.2f}",
                   f"{ratio['max']:.2f}", "" if least is None else f"at least {least}"]
    else:
        most, least = row["at_most"], row["at_least"]
        missed = (most is not None and row["value"] > most) or (least is not None and row["value"] < least)
        limit = f"at most {most}" if most is not None else "" if least is None else f"at least {least}"
        numbers = [f"{row['value']:.2f} {row['unit']}", "", "", "", "", limit]
    mark = " class=no" if missed else ""
    return f"<tr{mark}><td>{html.escape(row['name'])}" + "".join(f"<td>{n}" for n in numbers)


def table(found):
    rows = [cell(row) for group in found.values() if isinstance(group, dict) for row in group.get("rows", [])]
    return "<table><tr><th>what<th>first<th>second<th>min<th>median<th>max<th>wanted" + "".join(rows) + "</table>"


def write_report(folder, found):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    about = ", ".join(f"{key} {value}" for key, value in found["machine"].items())
    parts = [f"<!doctype html><meta charset=utf-8><title>dvdemu bench</title><style>{STYLE}</style>"
             f"<h1>dvdemu bench</h1><p>{html.escape(about)}; {found['rounds']} rounds of {found['seconds']} s."]
    if not shutil.which("gnuplot"):
        print("skip: plots: there is no gnuplot")
    for group, draw, title in PLOTS if shutil.which("gnuplot") else ():
        if group in found:
            parts += [f"<h2>{title}</h2>", *(f"<img src='{name}'>" for name in draw(folder, found))]
    parts += ["<h2>Figures</h2><p>Rates are medians, per second; the ratio is first to second, round by round.",
              table(found)]
    page = folder / "index.html"
    page.write_text("\n".join(parts) + "\n")
    return page
