// 感知设备: whether devices speak, what they say, and which do not.
import type { BoardSpec } from './board.js';

export const SENSORS: BoardSpec = {
  board: 'sensors',
  title: '感知设备',
  description: '感知设备的读数、静默、异常和由此发出的预警。',
  from: 'now-7d',
  panels: [
    {
      kind: 'bars',
      title: '读数',
      asks: '每小时收到多少读数，其中多少异常，多少识别出情况？',
      from: 'sensors/volume',
      size: [12, 8],
      leads: { board: 'operations', title: '看系统运行' },
      columns: ['readings', 'bad', 'findings'],
    },
    {
      kind: 'bars',
      title: '设备预警',
      asks: '每天设备上新发多少预警？',
      from: 'sensors/warnings',
      size: [12, 8],
      leads: { board: 'models', title: '按模型看' },
      columns: ['red', 'orange', 'yellow', 'blue'],
    },
    {
      kind: 'lines',
      title: '指标走势',
      asks: '各项监测指标的平均、最低和最高值如何变化？可在上方选定指标和设备。',
      from: 'sensors/course',
      size: [24, 9],
      leads: { board: 'overview', title: '看总览' },
      columns: ['metric', 'mean', 'lowest', 'highest'],
    },
    {
      kind: 'rows',
      title: '静默的设备',
      asks: '哪些设备超过六小时没有数据，已经多久？',
      from: 'sensors/silent',
      size: [12, 10],
      leads: { board: 'operations', title: '看系统运行' },
      columns: ['device', 'latest', 'readings', 'hours'],
    },
    {
      kind: 'rows',
      title: '异常最多的设备',
      asks: '哪些设备的异常读数比例最高？',
      from: 'sensors/worst',
      size: [12, 10],
      leads: { board: 'overview', title: '看总览' },
      columns: ['device', 'metric', 'bad', 'readings', 'bad_share'],
    },
  ],
};
