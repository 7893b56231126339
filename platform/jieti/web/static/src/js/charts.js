// Charts of the figures pages: drawn from the table before them, which stays the truth. Own bundle, SVG, no inline styles.
import { BarChart, LineChart } from "echarts/charts";
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, LineChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, SVGRenderer]);

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--j-${name}`).trim();

const cellNumber = (cell) => Number((cell.dataset.value ?? cell.textContent).replace(/[,\s]/g, "")) || 0;

/** Labels and series of a table: its head names them, its body rows are the points. */
export function read(table, labelColumn, valueColumns) {
  const heads = [...table.tHead.rows[0].cells].map((c) => c.textContent.trim());
  const body = [...table.tBodies[0].rows];
  const label = (row) => row.cells[labelColumn].textContent.trim();
  // A table of months has the newest first; time runs to the right in a chart.
  if (body.length > 1 && /^\d{4}-\d\d/.test(label(body[0])) && label(body[0]) > label(body.at(-1))) body.reverse();
  return {
    labels: body.map(label),
    series: valueColumns.map((column) => ({ name: heads[column], data: body.map((row) => cellNumber(row.cells[column])) })),
  };
}

function option(kind, { labels, series }) {
  const text = { color: token("text-2"), fontFamily: token("font"), fontSize: 14 };
  const category = { type: "category", data: labels, axisLabel: text, axisLine: { lineStyle: { color: token("line-2") } }, axisTick: { show: false }, inverse: kind === "bars" };
  const whole = series.every((s) => s.data.every(Number.isInteger));
  const value = { type: "value", minInterval: whole ? 1 : 0, axisLabel: text, splitLine: { lineStyle: { color: token("line") } } };
  return {
    animation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    color: [1, 2, 3, 4].map((n) => token(`series-${n}`)),
    textStyle: { fontFamily: token("font") },
    aria: { enabled: true, decal: { show: series.length > 1 } },
    grid: { left: 8, right: 24, top: series.length > 1 ? 40 : 16, bottom: 8, containLabel: true },
    legend: { show: series.length > 1, left: 0, top: 0, textStyle: { ...text, color: token("text") } },
    tooltip: { trigger: "axis", renderMode: "richText", backgroundColor: token("surface"), borderColor: token("line-2"), textStyle: { color: token("text"), fontSize: 14 } },
    xAxis: kind === "bars" ? value : category,
    yAxis: kind === "bars" ? category : value,
    series: series.map((s) => ({
      ...s,
      type: kind === "line" ? "line" : "bar",
      barMaxWidth: 32,
      symbolSize: 8,
      label: { show: labels.length * series.length <= 24, position: kind === "bars" ? "right" : "top", color: token("text"), fontSize: 14 },
    })),
  };
}

for (const box of document.querySelectorAll("[data-chart]")) {
  const table = document.getElementById(box.dataset.source);
  if (!table) continue;
  const columns = (box.dataset.valueColumns || "1").split(",").map(Number);
  const data = read(table.tagName === "TABLE" ? table : table.querySelector("table"), Number(box.dataset.labelColumn || 0), columns);
  const chart = init(box, null, { renderer: "svg" });
  const draw = () => chart.setOption(option(box.dataset.chart, data), true);
  draw();
  box.setAttribute("role", "img");
  if (!box.hasAttribute("aria-label")) box.setAttribute("aria-label", data.series.map((s) => s.name).join("、"));
  addEventListener("resize", () => chart.resize());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
}
